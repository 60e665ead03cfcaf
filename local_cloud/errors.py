"""What can go wrong while the embedded cloud starts, and what to do about it.

LocalCloudError
├── ProgramMissing       a binary could not be found or installed
├── ServiceDidNotStart   a service died or was not ready in time
├── StateInUse           another copy runs on the same state folder
├── PortTaken            a port asked for by number is in use
├── MigrationFailed      a file of supabase/migrations does not apply
└── SettingsIncomplete   half of a group of variables is set, or a port is no number
"""


class LocalCloudError(Exception):
    """Base of all; `code` is stable, the message says what to do."""

    code = "local_cloud"


class ProgramMissing(LocalCloudError):
    code = "program_missing"


class ServiceDidNotStart(LocalCloudError):
    code = "service_did_not_start"


class StateInUse(LocalCloudError):
    code = "state_in_use"


class PortTaken(LocalCloudError):
    code = "port_taken"


class MigrationFailed(LocalCloudError):
    code = "migration_failed"


class SettingsIncomplete(LocalCloudError):
    code = "settings_incomplete"
