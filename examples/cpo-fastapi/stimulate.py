"""The shim: turns a stimulus of the suite into a call to the backend's /test paths.

The stimulus is JSON on standard input. Exit code 0: it is being done; 77: not supported by this backend;
anything else: it failed.
"""

import json
import os
import sys
import urllib.error
import urllib.request

BACKEND = os.environ.get("BACKEND", "http://127.0.0.1:9000")
DONE, FAILED, NOT_SUPPORTED = 0, 1, 77


def post(path, **values):
    body = json.dumps(values).encode()
    request = urllib.request.Request(BACKEND + path, body, {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        print(error, file=sys.stderr)
        return NOT_SUPPORTED if error.code == 501 else FAILED
    return DONE


ACTIONS = {
    "eRoamingAuthorizeStart": lambda given: post("/test/swipe", **given),
    "eRoamingChargeDetailRecord": lambda given: post(f"/test/finish/{given['SessionID']}"),
    "eRoamingPushEvseData": lambda given: post("/test/publish/data", **given),
    "eRoamingPushEvseStatus": lambda given: post("/test/publish/status", **given),
}

stimulus = json.load(sys.stdin)
action = ACTIONS.get(stimulus["stimulus"])
sys.exit(action(stimulus["parameters"]) if action else NOT_SUPPORTED)
