"""A load: users of Locust that behave as Hubject, and a judge who looks at a sample of what was said."""
