"""The physical thing: water, heater, vessel, feet, rollers, sensors."""
