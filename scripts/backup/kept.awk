# Names of backups (20261122T030000Z), one a line, the newest first; printed are those that may go. What stays: the last
# three, and the newest of each of the last 14 days, 8 weeks and 12 months that have one, so that nothing goes because no
# backup was made for a while.
function days(name,    y, m) { # since 1 March of the year 0, as if every year had begun in March
    y = substr(name, 1, 4) + 0; m = substr(name, 5, 2) + 0
    if (m < 3) { y--; m += 12 }
    return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + substr(name, 7, 2)
}
function stays(unit, which, most) { # whether it is the newest of a unit that is still among the last ones
    if ((unit, which) in seen) return 0
    seen[unit, which] = 1
    return ++number[unit] <= most
}
{
    day = stays("day", days($0), 14)
    week = stays("week", int((days($0) + 1) / 7), 8) # from Monday on
    month = stays("month", substr($0, 1, 6), 12)
    if (NR > 3 && !day && !week && !month) print
}
