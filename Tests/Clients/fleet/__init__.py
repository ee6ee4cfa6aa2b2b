"""What the suites of real clients share: a device set up through the AWS API, and the clients that people connect it with."""
