"""Ways to other systems: MQTT, many devices."""
