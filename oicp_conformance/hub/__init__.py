"""Being Hubject: server, client, sessions, journal."""
