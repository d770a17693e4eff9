// The shim: turns a stimulus of the suite into a call to the backend's /test paths.
//
// The stimulus is JSON on standard input. Exit code 0: it is being done; 77: not supported by this backend;
// anything else: it failed.
import { text } from "node:stream/consumers";

const BACKEND = process.env.BACKEND ?? "http://127.0.0.1:9000";
const PATHS = {
  eRoamingAuthorizeRemoteStart: "/test/start",
  eRoamingAuthorizeRemoteStop: "/test/stop",
  eRoamingPullEvseData: "/test/refresh-map",
  eRoamingPullEvseStatus: "/test/refresh-status",
};

const { stimulus, parameters } = JSON.parse(await text(process.stdin));
if (!(stimulus in PATHS)) process.exit(77);
const response = await fetch(BACKEND + PATHS[stimulus], {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(parameters),
});
process.exit(response.ok ? 0 : 1);
