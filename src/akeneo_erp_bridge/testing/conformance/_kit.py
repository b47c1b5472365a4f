"""`ErpConformance`: the laws of an adapter as a class of tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.testing.conformance import (
    _laws_changes,
    _laws_code,
    _laws_cursors,
    _laws_faults,
    _laws_load,
    _laws_reading,
    _laws_values,
    _laws_writing,
)
from akeneo_erp_bridge.testing.conformance._bench import Bench
from akeneo_erp_bridge.testing.conformance._subject import Subject

ItemT = TypeVar("ItemT", bound=ErpItem)


class ErpConformance(Subject[ItemT], Generic[ItemT]):
    """The laws that an adapter keeps, one test each. A vendor's whole test file is a subclass.

    ::

        class TestAcme(ErpConformance[Article]):
            item = Article
            secrets = (TOKEN,)

            def world(self) -> AcmeSandbox:
                return AcmeSandbox(URL)

            def make_adapter(self, faults: Faults) -> AcmeErp:
                return AcmeErp(URL, TOKEN, transport=faults.transport())

    pytest runs it, and so does `examine`, which needs no pytest. A law that needs what the world or the adapter
    has not got is *absent*; pytest shows it as skipped, with the reason. Each law leaves the world to the next:
    items are edited, and what a law creates it deletes where the world can.
    """

    def _hold(self, number: int, law: Callable[[Bench[ItemT]], None]) -> None:
        __tracebackhide__ = True
        bench = Bench(self)
        try:
            law(bench)
        finally:
            bench.kept.remarks[number] = tuple(bench.remarks)

    def test_01_check_tells_a_good_credential_from_a_bad_one(self) -> None:
        """`check()` says ok; for a credential that the ERP refuses it says so in a sentence for people, without secrets, and
        `read_items` raises `ErpRefused`: an empty read would look as if all items were gone.
        """
        self._hold(1, _laws_reading.health)

    def test_02_describe_names_what_records_hold(self) -> None:
        """`describe()` names each field that the item class declares or a record has, with the ERP's type and whether it can
        be written.
        """
        self._hold(2, _laws_reading.schema)

    def test_03_two_full_reads_give_the_same(self) -> None:
        """A read without a cursor shows all items of the ERP and no others; the next one shows the same values, whatever the
        size of its pages.
        """
        self._hold(3, _laws_reading.two_reads)

    def test_04_a_read_on_with_nothing_new_changes_nothing(self) -> None:
        """A read from the last cursor, right after a complete read, may repeat items, with the same values; it gives no
        tombstones.
        """
        self._hold(4, _laws_reading.nothing_new)

    def test_05_a_cold_edit_brings_back_exactly_that_key(self) -> None:
        """After an edit of one cold field, a read from the last cursor shows that item changed, and no other."""
        self._hold(5, _laws_changes.cold_edit)

    def test_06_a_hot_edit_leaves_the_cold_values_alone(self) -> None:
        """After a movement of price or stock, `read_items` may bring the item, with the cold values that it had."""
        self._hold(6, _laws_changes.hot_edit_is_cold_silence)

    def test_07_a_hot_edit_comes_by_read_hot(self) -> None:
        """After a movement of price or stock, `read_hot` shows it, from the last cursor and for the key asked for, even where
        the item's own stamp did not move.
        """
        self._hold(7, _laws_changes.hot_edit_comes)

    def test_08_edits_with_one_stamp_all_come(self) -> None:
        """Items edited with the same stamp all come, also where a page ends between them and the read stops there."""
        self._hold(8, _laws_changes.ties)

    def test_09_a_late_commit_comes(self) -> None:
        """An edit that was committed after a later one had been read comes with the next read."""
        self._hold(9, _laws_changes.late_commit)

    def test_10_a_deletion_comes_as_a_tombstone(self) -> None:
        """The key of a deleted item comes as a tombstone, and the item no more. An adapter whose cursors are snapshots just
        leaves it out; one whose ERP cannot tell declares `tells_deletions = False`.
        """
        self._hold(10, _laws_changes.deletion)

    def test_11_a_read_that_stops_goes_on_complete(self) -> None:
        """A read that is stopped after any page, and goes on at the cursor of that page, is complete."""
        self._hold(11, _laws_cursors.kill)

    def test_12_a_stored_cursor_serves_a_new_process(self) -> None:
        """The cursor of each page goes through JSON and comes back the same, and a new adapter goes on from it."""
        self._hold(12, _laws_cursors.restart)

    def test_13_a_wrong_cursor_has_expired(self) -> None:
        """A damaged cursor, one of another system, of another kind or of another `schema_hash` raises `CursorExpired`: no full
        read and no empty one pretends that all is well.
        """
        self._hold(13, _laws_cursors.foreign)

    def test_14_a_stamp_from_the_future_loses_nothing(self) -> None:
        """An item with a stamp a year ahead ends no read, and later edits of other items come all the same."""
        self._hold(14, _laws_changes.future)

    def test_15_the_fields_asked_for_all_come(self) -> None:
        """Whichever fields are asked for, alone or all together, come, with the same values."""
        self._hold(15, _laws_reading.projection)

    def test_16_many_items_take_little_memory(self) -> None:
        """A read of very many items holds a small part of them at a time, and its first page is there long before the last."""
        self._hold(16, _laws_load.memory)

    def test_17_a_slow_consumer_is_waited_for(self) -> None:
        """While the consumer of the pages takes his time, the adapter fetches a few pages ahead at the most."""
        self._hold(17, _laws_load.slow_consumer)

    def test_18_a_call_that_fails_once_changes_nothing(self) -> None:
        """Whichever call of a read fails once (429, 503, a reset, a time-out, half an answer), the result is the same: the
        adapter tries again, or raises `ErpUnreachable` and the next read goes on at the last cursor.
        """
        self._hold(18, _laws_faults.transient)

    def test_19_one_bad_record_stops_no_other(self) -> None:
        """A record that can never be read stops no other; it comes as it is, and reading its field names the record."""
        self._hold(19, _laws_faults.one_record)

    def test_20_writing_twice_makes_one_item(self) -> None:
        """`write_item` twice with one idempotency key makes one item of the ERP, and says which time it made it."""
        self._hold(20, _laws_writing.twice)

    def test_21_a_crash_while_writing_is_found_out(self) -> None:
        """Wherever the process ends within `write_item`, `find_by_key` then says whether there is an item, and writing once
        more leaves exactly one.
        """
        self._hold(21, _laws_writing.crash)

    def test_22_a_stale_version_is_refused(self) -> None:
        """`write_item` with an `if_version` that somebody else's edit has overtaken raises `ErpRefused` and writes nothing."""
        self._hold(22, _laws_writing.stale)

    def test_23_reading_uses_nothing_up(self) -> None:
        """A cursor that comes back is all the acknowledgement there is. It may come back twice, late, or after a later one:
        what it stands before comes each time.
        """
        self._hold(23, _laws_cursors.settling)

    def test_24_values_are_exact_and_nothing_is_not_zero(self) -> None:
        """Decimals come exact to the last digit; zero, false, the empty text and no value come as four different things."""
        self._hold(24, _laws_values.exact)

    def test_25_moments_name_their_time_zone(self) -> None:
        """Each date and time comes with its zone, and is the moment that the ERP means, in winter and in summer."""
        self._hold(25, _laws_values.moments)

    def test_26_any_text_and_any_key_come_unharmed(self) -> None:
        """Keys with leading zeros or letters of any script, names of 255 characters, quotes and signs come as they are."""
        self._hold(26, _laws_values.texts)

    def test_27_adapters_share_nothing(self) -> None:
        """Two adapters at work at the same time, in turns or in two threads, show what each shows alone."""
        self._hold(27, _laws_code.apart)

    def test_28_no_secret_shows(self) -> None:
        """No secret is in any log, print, repr, health, cursor or exception, whichever call fails."""
        self._hold(28, _laws_code.secrecy)

    def test_29_the_adapter_is_typed(self) -> None:
        """`mypy --strict` finds nothing in the adapter's own code."""
        self._hold(29, _laws_code.typed)
