# SPDX-License-Identifier: GPL-3.0-or-later
# report.awk - bench.sh's figures and goals as Markdown tables.
#
#   awk -f report.awk RESULT.tsv GOALS.tsv
#
# RESULT.tsv: group, case, wall s, user s, sys s, peak RSS KiB, image bytes, and as
# bench.sh tells, or -: bytes fetched, bytes compared, seconds that took; one line a
# run.  GOALS.tsv: group, metric (wall cpu rss out fetched scan), operator, bound,
# case, and the case to divide by, if any.  Exit status 1 if a goal is not met.

BEGIN {
	FS = "\t"
	unit["wall"] = "wall s"
	unit["cpu"] = "CPU s"
	unit["rss"] = "peak RSS MiB"
	unit["out"] = "out MB"
	unit["fetched"] = "fetched MB"
	unit["scan"] = "scan GB/s"
}

FNR == 1 {
	file++
}

file == 1 {
	key = $1 FS $2
	if (!(key in n))
		keys[++cases] = key
	i = ++n[key]
	value[key, "wall", i] = $3
	value[key, "cpu", i] = $4 + $5
	value[key, "rss", i] = $6 / 1024
	value[key, "out", i] = $7 / 1e6
	if ($8 != "-") {
		value[key, "fetched", i] = $8 / 1e6
		has["fetched", $1] = has["fetched", key] = 1
	}
	if ($10 > 0) {
		value[key, "scan", i] = $9 / $10 / 1e9
		has["scan", $1] = has["scan", key] = 1
	}
	next
}

{
	goals[++wanted] = $0
}

# The values of one case, ascending, in sorted[1..n].
function sort(key, metric,    i, j, x) {
	for (i = 1; i <= n[key]; i++) {
		x = value[key, metric, i] + 0
		for (j = i - 1; j > 0 && sorted[j] > x; j--)
			sorted[j + 1] = sorted[j]
		sorted[j + 1] = x
	}
	return n[key]
}

# The figure of one case: the median, but of memory the peak.
function figure(key, metric,    m) {
	m = sort(key, metric)
	if (metric == "rss")
		return sorted[m]
	if (m % 2)
		return sorted[(m + 1) / 2]
	return (sorted[m / 2] + sorted[m / 2 + 1]) / 2
}

function cell(text) {
	gsub(/\|/, "\\|", text)
	return text
}

# The columns that only some groups have; @key "" for their head.
function print_more(group, key, metric) {
	if (!((metric, group) in has))
		return
	if (key == "")
		printf " %s |", unit[metric]
	else if ((metric, key) in has)
		printf " %.2f |", figure(key, metric)
	else
		printf " |"
}

function print_head(group) {
	printf "\n## %s\n\n", group
	printf "| case | wall s (min..max) | CPU s | peak RSS MiB | out MB |"
	print_more(group, "", "fetched")
	print_more(group, "", "scan")
	printf "\n|---|---|---|---|---|"
	printf "%s%s\n", ("fetched", group) in has ? "---|" : "",
		("scan", group) in has ? "---|" : ""
}

function print_cases(    k, part, group, wall, m) {
	for (k = 1; k <= cases; k++) {
		split(keys[k], part, FS)
		if (part[1] != group) {
			group = part[1]
			print_head(group)
		}
		wall = figure(keys[k], "wall")
		m = sort(keys[k], "wall")
		printf "| %s | %.2f (%.2f..%.2f) |", cell(part[2]), wall, sorted[1], sorted[m]
		printf " %.2f | %.1f | %.1f |", figure(keys[k], "cpu"),
			figure(keys[k], "rss"), figure(keys[k], "out")
		print_more(group, keys[k], "fetched")
		print_more(group, keys[k], "scan")
		print ""
	}
}

function holds(x, op, bound) {
	if (op == ">=")
		return x >= bound
	if (op == "<=")
		return x <= bound
	return op == "<" && x < bound
}

# Prints one line; returns whether the goal is met.
function print_goal(line,    g, what, x, by, met) {
	split(line, g, FS)
	what = unit[g[2]] ": " g[5]
	x = figure(g[1] FS g[5], g[2])
	met = 1
	if (g[6] != "") {
		what = what " / " g[6]
		by = figure(g[1] FS g[6], g[2])
		met = by > 0
		x = met ? x / by : 0
	}
	met = met && holds(x, g[3], g[4] + 0)
	printf "| %s | %s | %s %s | %.3f | %s |\n", g[1], cell(what), g[3], g[4], x,
		met ? "met" : "**NOT met**"
	return met
}

END {
	print_cases()
	printf "\n## Goals\n\n"
	print "| group | what | goal | measured | |"
	print "|---|---|---|---|---|"
	for (k = 1; k <= wanted; k++)
		failed += !print_goal(goals[k])
	printf "\n%d of %d goals met.\n", wanted - failed, wanted
	exit(failed > 0)
}
