"""The embedded default: everything the system rents or subscribes to, on one machine, on loopback, with no account."""

from .cloud import Cloud, cloud, start_cloud
from .errors import LocalCloudError

__all__ = ["Cloud", "LocalCloudError", "cloud", "start_cloud"]
