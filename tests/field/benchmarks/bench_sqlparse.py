"""Splitting, parsing and formatting a script of ordinary statements."""

import random

import sqlparse

STATEMENTS = [
    "select id, name from users where active = 1",
    "insert into orders (id, user_id, total) values (1, 2, 3.50), (2, 4, 10.00)",
    "update users set name = 'x', changed = now() where id in (select user_id from orders where total > 100)",
    "select u.id, count(*) as n, sum(o.total) from users u left join orders o on o.user_id = u.id "
    "where u.created between '2024-01-01' and '2024-12-31' group by u.id having count(*) > 3 order by n desc limit 10",
    "create table items (id integer primary key, title varchar(80) not null, price numeric(10, 2) default 0)",
    "with recent as (select * from orders where day > 10) select case when total > 5 then 'big' else 'small' end from recent",
    "delete from sessions where expires < now() -- old ones",
]


def make_script(seed, count):
    rng = random.Random(seed)
    return ";\n".join(rng.choice(STATEMENTS) for _ in range(count)) + ";"


def setup_split_script(seed):
    return make_script(seed, 60)


def bench_split_script(script):
    return sqlparse.split(script)


def setup_parse_script(seed):
    return make_script(seed, 15)


def bench_parse_script(script):
    return [str(statement) for statement in sqlparse.parse(script)]


def setup_format_script(seed):
    return make_script(seed, 10)


def bench_format_script(script):
    return sqlparse.format(script, reindent=True, keyword_case="upper", strip_comments=True)
