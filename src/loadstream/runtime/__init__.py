"""The streaming runtime: the only part of loadstream that production code imports.

Data flows one way. To read it, take the files in this order:

- `functions`, `dataset`: what is public; `paths`, `queries`: which part of a document is meant.
- `sources` with `files`, `handles`, `packed`, `remote`: where bytes come from, as UTF-8.
- `answers`, `ranges`, `transfer` with `retrying`, `ahead`: objects over a network, for `remote`.
- `window`: the bytes in memory, and where in the whole they stand.
- `container` with `elements`, `members`: batches of whole elements, and why they are right;
  `cuts`: where to cut; `parsers`: which parser is trusted; `faults`: what is said of the rest.
- `document`: from the root to what is wanted and on to the end; `skim`: what is only checked.
- `typed`: elements as dataclasses and the like, where that is asked for.
- `lines`: JSON Lines. `pages`: cursors. `many` with `naming`: many files as one.
- `stream`: what the consumer holds.
- `index` with `index_pass` and `index_file`: where elements are; `access`: elements by number.
- `partitions`: parts of a file for others to read; `bags`: as a Dask bag.
- `split`: several filters over one pass.
"""
