"""The ground that everything stands on: errors and exit codes, settings of commands, whole files, downloads."""
