"""Requests and sequences that are generated from the contract, beside the scenarios that were thought of."""
