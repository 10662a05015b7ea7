"""EDGE: HTTP sessions, authentication, deadlines, retries and limits shared by all upstream clients."""
