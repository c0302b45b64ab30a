"""The world: water, rollers, feet, people, wires, and the real device mind among them."""
