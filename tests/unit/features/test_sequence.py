import numpy as np

from pronoia.features.sequence import CHANNELS, SEQUENCE_SLOTS, SequenceReader, sequences_at
from support.loads import load_history, made_up_load


def test_a_sequence_ends_now_and_says_what_is_off_and_high():
    load = np.full((1, 100), 0.2)
    load[0, 80:83] = [0.95, np.nan, 3.0]
    read = sequences_at(load_history(load), np.array([0]), np.array([82]))[0]
    assert read.shape == (SEQUENCE_SLOTS, len(CHANNELS))
    np.testing.assert_allclose(read[-3:, 0], [0.95, 0.0, 1.5], rtol=1e-6)
    assert read[-3:, 1].tolist() == [0.0, 1.0, 0.0]
    assert read[-3:, 2].tolist() == [1.0, 0.0, 1.0]


def test_before_the_first_slot_everything_is_off():
    read = sequences_at(load_history(np.full((1, 100), 0.2)), np.array([0]), np.array([9]))[0]
    assert read[:, 1].tolist() == [1.0] * 38 + [0.0] * 10
    assert not read[:38, 3:].any()


def test_other_metrics_are_read_against_their_own_day():
    others = np.full((5, 1, 400), np.nan)
    others[1] = 4.0
    others[1, 0, 399] = 5.0
    read = sequences_at(load_history(np.full((1, 400), 0.2), others=others), np.array([0]), np.array([399]))[0]
    np.testing.assert_allclose(read[-2:, 4], [-1.0 / 288.0, 1.0 - 1.0 / 288.0], atol=1e-5)
    assert not read[:, 3].any()


def test_a_reader_of_two_histories_reads_each_from_its_own():
    one, other = made_up_load(4, seed=1), made_up_load(4, seed=2)
    rows, slots = np.arange(4), np.full(4, 700)
    reader = SequenceReader(((one, rows, slots), (other, rows, slots)))
    read = reader(np.array([6, 1, 4]))
    np.testing.assert_array_equal(read[1], sequences_at(one, rows, slots)[1])
    np.testing.assert_array_equal(read[[0, 2]], sequences_at(other, rows, slots)[[2, 0]])
    np.testing.assert_array_equal(reader.take(np.array([1, 6]))(np.array([1])), read[:1])
