"""What the client tests share: a server to test, MQTT packets byte by byte, and the list of what MQTT demands of a server."""
