# ruff: noqa: E501 - programs stand here as text
import pytest

from bot.propose.rules.frame_apply import FrameApply
from bot.propose.rules.frame_cells import FrameCells
from bot.propose.rules.frame_rows import FrameRows

pd = pytest.importorskip("pandas")

FRAMES = [
    (pd.DataFrame({"a": [1, 2, 3], "b c": [4, 5, 6]}, index=[7, 8, 9]),),
    (pd.DataFrame({"a": [1.5, 2.5], "b c": [0.1, 0.2]}),),
    (pd.DataFrame({"a": [1, 2], "b c": [0.5, 2.5], "s": ["x", "y"]}),),
    (pd.DataFrame({"a": [1, 2], "b c": [0.5, 2.5]}),),
]
EMPTY = (pd.DataFrame({"a": [], "b c": []}),)


def test_iterrows_keeps_values_and_types(bench):
    [new] = bench(FrameRows()).keeps(
        """
        def f(df):
            out = []
            # rows
            for i, row in df.iterrows():
                if row["a"] > 1:  # large
                    out.append((i, row["a"] * 2, type(row["b c"]).__name__, row["b c"]))
            return out
        """,
        [*FRAMES, EMPTY],
    )
    assert "# rows" in new
    assert "# large" in new


def test_itertuples_keeps_values_and_types(bench):
    bench(FrameRows()).keeps(
        "def f(df):\n    out = []\n    for r in df.itertuples():\n        out.append((r.Index, r.a, type(r.a).__name__))\n    for r in df.itertuples(index=False):\n        out.append(r.a)\n    return out\n",
        [*FRAMES, EMPTY],
    )


@pytest.mark.parametrize(
    "body",
    [
        "for i, row in df.iterrows():\n        g(row)",
        "for i, row in df.iterrows():\n        row['a'] = 1",
        "for i, row in df.iterrows():\n        g(row[k])",
        "for i, row in df.iterrows():\n        df.at[i, 'a'] = row['a']",
        "for i, row in df.iterrows():\n        df = g(row['a'])",
        "for i, row in df.iterrows():\n        g(row['a'])\n    return row",
        "for i, row in df.iterrows():\n        g(lambda: row['a'])",
        "for i, row in df.iterrows():\n        df.update(row['a'])",
        "for pair in df.iterrows():\n        g(pair)",
        "for i, row in g(df).iterrows():\n        g(row['a'])",
        "for r in df.itertuples():\n        g(r._asdict())",
        "for r in df.itertuples(name=None):\n        g(r.a)",
        "for r in df.itertuples():\n        g(r[0])",
    ],
)
def test_other_loops_over_rows_stay(bench, body):
    bench(FrameRows()).refuses(f"def f(df, g, k):\n    {body}\n")


def test_apply_on_rows(bench):
    new = bench(FrameApply()).keeps(
        "import pandas as pd\ndef f(df, k=3):\n    return df.apply(lambda row: row['a'] * k + row['a'] / row['a'], axis=1)\n",
        [FRAMES[1], FRAMES[3]],
    )
    assert len(new) == 2


def test_apply_with_any_expression_is_a_list_over_columns(bench):
    [new] = bench(FrameApply()).keeps(
        "import pandas as pd\ndef f(df):\n    return df.apply(lambda r: 'big' if r['a'] > 1 else str(r['b c']), axis=1)\n",
        FRAMES[1:3],
    )
    assert "index=df.index" in new


@pytest.mark.parametrize(
    "call",
    [
        "df.apply(lambda r: r.sum(), axis=1)",
        "df.apply(lambda r: r['a'])",
        "df.apply(g, axis=1)",
        "df.apply(lambda r: r[k], axis=1)",
        "df.apply(lambda r, s=1: r['a'], axis=1)",
        "df.apply(lambda r: r['a'], axis=0)",
        "df.apply(lambda r: g(r), axis=1)",
        "g(df).apply(lambda r: r['a'], axis=1)",
    ],
)
def test_other_applications_stay(bench, call):
    bench(FrameApply()).refuses(f"import pandas as pd\ndef f(df, g, k):\n    return {call}\n")


def test_cells_by_position_come_from_arrays(bench):
    [new] = bench(FrameCells()).keeps(
        """
        def f(df):
            out = []
            # cells
            for i in range(len(df)):
                out.append((df.iloc[i]["a"], df["a"].iloc[i], type(df.iloc[i]["b c"]).__name__, df["b c"].iloc[i - 1]))
            return out
        """,
        [*FRAMES[:3], EMPTY],
    )
    assert "# cells" in new


@pytest.mark.parametrize(
    "body",
    [
        "df['a'].iloc[i] = 1",
        "df.iloc[i]['a'] += 1",
        "df.at[i, 'a'] = df['a'].iloc[i]",
        "df = g(df.iloc[i]['a'])",
        "g(df.iloc[i:]['a'])",
        "g(df.iloc[i][k])",
        "g(df.loc[i]['a'])",
    ],
)
def test_other_cells_stay(bench, body):
    bench(FrameCells()).refuses(f"def f(df, g, k):\n    for i in range(3):\n        {body}\n")
