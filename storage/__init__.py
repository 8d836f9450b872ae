"""PostgreSQL and object storage behind the ports; the only place with SQL."""
