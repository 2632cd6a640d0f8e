"""How worried should one message, or one answer, make us?

Signals only ever raise the level. Nothing in this package lowers what was said in another clause, and nothing here
decides that a person is safe: a therapist closes a risk, code never does.
"""

from flows.risk.assessing import assess
from flows.risk.compiling import LexiconError, compile_lexicon
from flows.risk.conditions import CHECK_INS, MISSED, SESSIONS
from flows.risk.examples import FailedExample, failed_examples
from flows.risk.grammar import Lexicon
from flows.risk.history import History, Needs
from flows.risk.lexicon import CommonFile, ConceptsFile, ContextFile, LexiconFile, RulesFile
from flows.risk.patterns import PatternRule, PatternRules, is_nudge, look, needs_of
from flows.risk.scores import ScoreRule, ScoreRules, as_shown, read_in_a_row, read_score
from flows.risk.switches import Screening, Switched, switched, switched_rules
from flows.risk.values import Assessment, Signal

__all__ = [
    "CHECK_INS",
    "MISSED",
    "SESSIONS",
    "Assessment",
    "CommonFile",
    "ConceptsFile",
    "ContextFile",
    "FailedExample",
    "History",
    "Lexicon",
    "LexiconError",
    "LexiconFile",
    "Needs",
    "PatternRule",
    "PatternRules",
    "RulesFile",
    "ScoreRule",
    "ScoreRules",
    "Screening",
    "Signal",
    "Switched",
    "as_shown",
    "assess",
    "compile_lexicon",
    "failed_examples",
    "is_nudge",
    "look",
    "needs_of",
    "read_in_a_row",
    "read_score",
    "switched",
    "switched_rules",
]
