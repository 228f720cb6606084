"""The fix branch: a commit for each fix on top of a base, made beside the user's own working tree."""

from fixer.branch.checkout import worktree
from fixer.branch.committing import commit_plan
from fixer.branch.model import BranchError, Commit, FixBranch, KeptCommit
from fixer.branch.publishing import publish
from fixer.branch.settling import existing, settle
from fixer.branch.target import Target, target

__all__ = [
    "BranchError",
    "Commit",
    "FixBranch",
    "KeptCommit",
    "Target",
    "commit_plan",
    "existing",
    "publish",
    "settle",
    "target",
    "worktree",
]
