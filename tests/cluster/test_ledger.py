"""What the judge takes for right, and what for wrong."""

import time
import unittest

from ledger import GONE, Promise, User


class Judgement(unittest.TestCase):
    """Moments are seconds before now."""

    def setUp(self):
        self.user, self.now = User(), time.time()

    def attempt(self, number, began, ended=None, value=...):
        key = (1, number)
        self.user.try_out(key, key if value is ... else value, self.now - began)
        if ended is not None:
            self.user.acknowledge(key, self.now - ended)
        return key

    def judged(self, *found):
        promise = Promise(self.user)
        return [promise.is_kept_by(one) for one in found]

    def test_the_last_one_is_right_and_an_older_one_is_stale(self):
        old, new = self.attempt(1, 9, 8), self.attempt(2, 5, 4)
        self.assertEqual(self.judged(new, old, GONE, (7, 7)), [True, False, False, False])
        self.assertEqual(Promise(self.user).promised, new)

    def test_what_was_removed_must_not_come_back(self):
        old = self.attempt(1, 9, 8)
        self.attempt(2, 5, 4, value=GONE)
        self.assertEqual(self.judged(GONE, old), [True, False])

    def test_what_was_tried_since_may_have_happened(self):
        old, tried = self.attempt(1, 9, 8), self.attempt(2, 5)
        self.assertEqual(self.judged(old, tried), [True, True])

    def test_what_was_given_up_has_been_overtaken(self):
        given_up, new = self.attempt(1, 9), self.attempt(2, 5, 4)
        self.assertEqual(self.judged(given_up, new), [False, True])

    def test_of_two_at_once_either_may_be_the_newer(self):
        one, other = self.attempt(1, 9, 4), self.attempt(2, 7, 6)
        self.assertEqual(self.judged(one, other), [True, True])

    def test_what_comes_while_it_is_looked_up_is_right(self):
        old = self.attempt(1, 9, 8)
        promise = Promise(self.user)
        new = self.attempt(2, -1, -2)
        self.assertTrue(promise.is_kept_by(new) and promise.is_kept_by(old))

    def test_of_whom_nothing_was_acknowledged_nothing_is_known(self):
        self.attempt(1, 9)
        self.assertFalse(Promise(self.user).known)


if __name__ == "__main__":
    unittest.main()
