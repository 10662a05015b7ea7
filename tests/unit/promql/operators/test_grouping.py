from pronoia.promql.operators.grouping import Groups, grouped
from support.promql_vectors import label_set

SERIES = [label_set(text) for text in ('up{job="a",zone="x"}', 'up{job="b",zone="x"}', 'down{job="a",zone="x"}')]


def labels_of(groups: Groups) -> list[str]:
    return [str(each) for each in groups.labels]


def test_by_keeps_only_the_labels_named():
    assert labels_of(grouped(SERIES, ["job", "nothing"], without=False)) == ['{job="a"}', '{job="b"}']


def test_by_nothing_is_one_group():
    assert labels_of(grouped(SERIES, [], without=False)) == ["{}"]


def test_by_keeps_the_metric_name_if_it_is_named():
    assert labels_of(grouped(SERIES, ["__name__"], without=False)) == ["up", "down"]


def test_without_drops_the_metric_name_as_well():
    assert labels_of(grouped(SERIES, [], without=True)) == ['{job="a",zone="x"}', '{job="b",zone="x"}']


def test_members_come_group_by_group_in_their_own_order():
    groups = grouped(SERIES, ["job"], without=False)
    assert groups.of_series.tolist() == [0, 1, 0]
    assert groups.members.tolist() == [0, 2, 1]
    assert groups.first.tolist() == [0, 2, 3]


def test_no_series_make_no_groups():
    groups = grouped([], ["job"], without=False)
    assert groups.labels == ()
    assert groups.first.tolist() == [0]
