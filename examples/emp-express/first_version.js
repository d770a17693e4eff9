// The first version of a small EMP backend, which authorizes online: the mandatory operations of OICP 2.3.
//
// Start it with `node first_version.js`. HUBJECT is where it finds Hubject, PORT is where it listens.
// The paths under /test do what an app and a nightly job do: start, stop, refresh the map.
import express from "express";

const HUBJECT = process.env.HUBJECT ?? "http://127.0.0.1:8600";
const PORT = Number(process.env.PORT ?? 9000);
const PROVIDER = "DE-DCB";
const CARDS = new Set(["1234ABCD"]);
const CUSTOMER = "DE-DCB-C11111111-1";

const app = express();
app.use(express.json());

// What Hubject calls

app.post("/api/oicp/charging/v21/operators/:operator/authorize/start", (request, response) => {
  const { SessionID, Identification } = request.body;
  const allowed = CARDS.has(Identification.RFIDMifareFamilyIdentification.UID);
  response.json({
    SessionID,
    ProviderID: PROVIDER,
    AuthorizationStatus: allowed ? "Authorized" : "NotAuthorized",
    StatusCode: { Code: "000" },
  });
});

const records = [];

app.post("/api/oicp/cdrmgmt/v22/operators/:operator/charge-detail-record", (request, response) => {
  records.push(request.body);
  response.json({ Result: true, StatusCode: { Code: "000" }, SessionID: request.body.SessionID });
});

// What we send to Hubject

async function call(path, body) {
  const response = await fetch(HUBJECT + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

const charging = `/api/oicp/charging/v21/providers/${PROVIDER}/authorize-remote`;
const pulling = (version) => `/api/oicp/evsepull/${version}/providers/${PROVIDER}`;
let lastCall;

async function refreshMap() {
  const asked = new Date().toISOString();
  await call(`${pulling("v23")}/data-records`, {
    ProviderID: PROVIDER,
    GeoCoordinatesResponseFormat: "DecimalDegree",
    LastCall: lastCall,
  });
  lastCall = asked;
}

async function refreshStatus() {
  await call(`${pulling("v21")}/status-records`, { ProviderID: PROVIDER });
}

// What a test can do

const done = (action) => async (request, response) => {
  await action(request.body);
  response.sendStatus(204);
};

app.post("/test/start", done(({ EvseID }) => call(`${charging}/start`, {
  ProviderID: PROVIDER,
  EvseID,
  Identification: { RemoteIdentification: { EvcoID: CUSTOMER } },
})));
app.post("/test/stop", done(({ SessionID, EvseID }) => call(`${charging}/stop`, {
  SessionID,
  ProviderID: PROVIDER,
  EvseID,
})));
app.post("/test/refresh-map", done(refreshMap));
app.post("/test/refresh-status", done(refreshStatus));

app.listen(PORT, "127.0.0.1");
