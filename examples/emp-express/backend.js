// A small EMP backend, which authorizes online: the mandatory operations of OICP 2.3.
//
// Start it with `npm start`. HUBJECT is where it finds Hubject, PORT is where it listens.
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

const SESSION = /^[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}$/;
const OPERATOR = /^(([A-Za-z]{2}\*?[A-Za-z0-9]{3})|(\+?[0-9]{1,3}\*[0-9]{3}))$/;
const EVSE = /^(([A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?E[A-Za-z0-9*]{1,30})|(\+?[0-9]{1,3}\*[0-9]{3}\*[0-9*]{1,32}))$/;
const isTime = (text) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text));

// Optional fields may be absent or null.
const isAbsent = (value) => value === undefined || value === null;

function isAuthorizeStart({ SessionID, OperatorID, EvseID, Identification } = {}) {
  return (
    (isAbsent(SessionID) || SESSION.test(SessionID)) &&
    OPERATOR.test(OperatorID) &&
    (isAbsent(EvseID) || EVSE.test(EvseID)) &&
    isIdentification(Identification)
  );
}

function isIdentification(value) {
  if (typeof value !== "object" || value === null) return false;
  const [kind, ...others] = Object.keys(value).filter((name) => !isAbsent(value[name]));
  return kind !== undefined && others.length === 0 && typeof value[kind] === "object";
}

app.post("/api/oicp/charging/v21/operators/:operator/authorize/start", (request, response) => {
  if (!isAuthorizeStart(request.body)) {
    return response.status(400).json(notAuthorized("022", "Data error", request.body?.SessionID));
  }
  const { SessionID, Identification } = request.body;
  const uid = Identification.RFIDMifareFamilyIdentification?.UID ?? Identification.RFIDIdentification?.UID;
  if (!CARDS.has(uid)) return response.json(notAuthorized("102", "No such card", SessionID));
  response.json({
    SessionID: SessionID ?? undefined,
    ProviderID: PROVIDER,
    AuthorizationStatus: "Authorized",
    StatusCode: { Code: "000" },
  });
});

function notAuthorized(Code, Description, SessionID) {
  return {
    ...(SESSION.test(SessionID) ? { SessionID } : {}),
    ProviderID: PROVIDER,
    AuthorizationStatus: "NotAuthorized",
    StatusCode: { Code, Description },
  };
}

const records = new Map();

function isRecord({ SessionID, EvseID, Identification, ConsumedEnergy, ...times } = {}) {
  return (
    SESSION.test(SessionID) &&
    EVSE.test(EvseID) &&
    isIdentification(Identification) &&
    typeof ConsumedEnergy === "number" &&
    ["ChargingStart", "ChargingEnd", "SessionStart", "SessionEnd"].every((name) => isTime(times[name]))
  );
}

app.post("/api/oicp/cdrmgmt/v22/operators/:operator/charge-detail-record", (request, response) => {
  if (!isRecord(request.body)) {
    return response.status(400).json({ Result: false, StatusCode: { Code: "022", Description: "Data error" } });
  }
  const { SessionID } = request.body;
  records.set(SessionID, request.body);
  response.json({ Result: true, StatusCode: { Code: "000" }, SessionID });
});

// A body that is not JSON
app.use((error, request, response, next) => {
  response.status(400).json({ Result: false, StatusCode: { Code: "022", Description: error.message } });
});

// What we send to Hubject

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Send a message; try again while Hubject has an outage or wants fewer requests.
async function call(path, body) {
  for (const pause of [500, 1000, 2000, 4000, 8000]) {
    try {
      const response = await fetch(HUBJECT + path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status < 500 && ![408, 429].includes(response.status)) return await response.json();
    } catch (error) {
      console.error(path, error.message);
    }
    await wait(pause);
  }
  throw new Error(`Hubject does not answer ${path}`);
}

const charging = `/api/oicp/charging/v21/providers/${PROVIDER}/authorize-remote`;
const pulling = (version) => `/api/oicp/evsepull/${version}/providers/${PROVIDER}`;
const SIZE = 1000;
let lastCall;

async function refreshMap() {
  const asked = new Date().toISOString().replace("Z", "+00:00");
  // All pages of one pull ask for the same: another refresh may end while this one reads.
  const since = lastCall;
  for (let page = 0, last = false; !last; page += 1) {
    const answer = await call(`${pulling("v23")}/data-records?page=${page}&size=${SIZE}`, {
      ProviderID: PROVIDER,
      GeoCoordinatesResponseFormat: "DecimalDegree",
      LastCall: since,
    });
    last = answer.last ?? !(page + 1 < answer.totalPages);
  }
  lastCall = asked;
}

async function refreshStatus() {
  await call(`${pulling("v21")}/status-records`, { ProviderID: PROVIDER });
}

// What a test can do

const done = (action) => async (request, response) => {
  response.sendStatus(204);
  await action(request.body).catch((error) => console.error(error.message));
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
