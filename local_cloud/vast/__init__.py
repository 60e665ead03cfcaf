"""A Vast.ai emulator: the REST API that the real `vastai` command calls, on loopback, billing to the second.

`python -m local_cloud.vast --port P --state FILE --api-key-file FILE` serves it. Renting an instance starts a real
worker process on this machine; `docs/vast-emulator.md` says how faithful it is and how to inject faults.
"""
