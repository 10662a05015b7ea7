"""How well failures are foretold on recordings, beside what simple rules do."""
