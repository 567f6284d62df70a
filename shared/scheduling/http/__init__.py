"""HTTP in and out: the one room that knows JSON, HTML, forms, cookies and status codes."""
