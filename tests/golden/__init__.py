"""What the commands write of one fixed project at one fixed time, byte for byte."""
