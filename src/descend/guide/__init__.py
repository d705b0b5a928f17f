"""The course: exercises whose answers are checked by mathematics and become part of the framework."""
