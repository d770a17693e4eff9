"""A rule of Acme's: all its EVSEs have the same hotline."""

from oicp_conformance.extend.rules import Source, cpo, pushed, pushes, requirement, rule

PUSH = "eRoamingPushEvseData"
HOTLINE = "+49301234567"

OUR_HOTLINE = requirement(
    "acme.hotline",
    cpo(
        "SHOULD",
        "Each EVSE has the hotline of Acme.",
        Source("CPO 03", "EvseDataRecordType", 450, "practice"),
        on=(PUSH,),
    ),
)


@rule(OUR_HOTLINE)
def our_hotline(record):
    for exchange in pushes(record, PUSH):
        for pointer, evse in pushed(exchange):
            if evse.get("HotlinePhoneNumber") == HOTLINE:
                yield OUR_HOTLINE.held(exchange)
                continue
            yield OUR_HOTLINE.broken(
                exchange,
                "not the hotline of Acme",
                pointer=f"{pointer}/HotlinePhoneNumber",
                expected=HOTLINE,
                found=evse.get("HotlinePhoneNumber"),
            )
