"""The driver `ocpp`: virtual charging stations that are connected to the CPO's own central system.

`settings` has the keys of the profile and `driver` maps stimuli to what happens at a station. `station` is a
station of any OCPP version; `v16` and `v201` write and answer the messages of one. Only these two and `wire`
import the extra packages, and only when a station connects.
"""
