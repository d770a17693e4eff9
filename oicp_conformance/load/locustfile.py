"""What Locust is given: the users and the shape of the load."""

from oicp_conformance.load.users import Hubject, Shape

__all__ = ["Hubject", "Shape"]
