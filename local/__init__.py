"""The whole system on one machine: `python -m local`.

`__main__` starts and stops; `template` reads `template.yaml`; `aws` brings table, key, parameters
and queue; `lambda_service` runs the functions, each environment a process of `runtime`; `gateway`
is API Gateway, `stream` the event source mapping and the schedule. `google` and `cometchat` are the
emulators for the vendors, `faults` makes them fail. `world` starts all of it for tests.
"""
