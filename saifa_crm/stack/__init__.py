"""What `make run` starts and supervises: embedded PostgreSQL and Redis, web, worker, beat."""
