"""The application as a worker loads it, with the fault that the environment names."""

import os

from lianhu.wsgi import served as whole
from tests.faults.mutants import spoil

if name := os.environ.get("LIANHU_FAULTS_MUTANT"):
    spoil(name)
served = whole
