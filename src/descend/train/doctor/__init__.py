"""The doctor watches a training and names what is wrong with it, with evidence and a remedy. One finding a file."""

from descend.train.doctor.doctor import CHECKS, Doctor
from descend.train.doctor.finding import Check, Finding
from descend.train.doctor.report import findings, report

__all__ = ["CHECKS", "Check", "Doctor", "Finding", "findings", "report"]
