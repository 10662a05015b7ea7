"""How well overloads are foretold on recordings, beside what simple rules do."""
