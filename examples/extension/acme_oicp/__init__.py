"""What Acme adds to oicp-conformance: a driver, a rule and a report."""
