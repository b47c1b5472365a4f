"""What the adapters that speak HTTP share: signing in, trying again, one origin."""
