"""The commands of `handrail`, one small file each, imported when it is called."""
