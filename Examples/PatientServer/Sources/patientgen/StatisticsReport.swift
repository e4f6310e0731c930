import PatientGen

/// Counts as a picture: bars of text, or an SVG.
enum StatisticsReport {
    static func text(_ statistics: PatientStatistics) -> String {
        var text = "\(statistics.patients) patients, \(statistics.massCasualties) in mass-casualty events\n"
        for group in statistics.groups {
            let width = max(12, group.rows.map(\.name.count).max() ?? 0)
            let most = max(1, group.rows.map(\.count).max() ?? 1)
            text += "\n\(group.name)\n"
            for row in group.rows {
                let name = row.name + String(repeating: " ", count: width - row.name.count)
                let number = "\(row.count)"
                let space = String(repeating: " ", count: max(0, 10 - number.count))
                // A row that has patients shows a bar, however short.
                let length = row.count == 0 ? 0 : max(1, row.count * 40 / most)
                text += "  \(name) \(space)\(number) \(share(row.count, statistics)) "
                text += String(repeating: "█", count: length) + "\n"
            }
        }
        for breakdown in statistics.breakdowns { text += table(breakdown) }
        return text
    }

    /// Parts in rows, counts in columns.
    private static func table(_ breakdown: PatientStatistics.Breakdown) -> String {
        let first = max(6, breakdown.rows.map(\.name.count).max() ?? 0)
        var text = "\nby \(breakdown.name)\n  " + padded("", first, isLeft: true) + padded("patients", 10)
        for column in breakdown.columns { text += padded(column, max(8, column.count + 2)) }
        text += "\n"
        for row in breakdown.rows {
            text += "  " + padded(row.name, first, isLeft: true) + padded("\(row.patients)", 10)
            for (column, count) in zip(breakdown.columns, row.counts) {
                text += padded("\(count)", max(8, column.count + 2))
            }
            text += "\n"
        }
        return text
    }

    private static func padded(_ text: String, _ width: Int, isLeft: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return isLeft ? text + space : space + text
    }

    /// Percent with one decimal.
    private static func share(_ count: Int, _ statistics: PatientStatistics) -> String {
        let tenths = (count * 1000 + statistics.patients / 2) / max(1, statistics.patients)
        let text = "\(tenths / 10).\(tenths % 10) %"
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }

    static func svg(_ statistics: PatientStatistics) -> String {
        var shapes = ""
        var y = 36
        for group in statistics.groups {
            let most = max(1, group.rows.map(\.count).max() ?? 1)
            shapes += "<text x=\"16\" y=\"\(y + 14)\" class=\"group\">\(escaped(group.name))</text>\n"
            y += 24
            for row in group.rows {
                shapes += "<text x=\"150\" y=\"\(y + 12)\" class=\"name\">\(escaped(row.name))</text>"
                shapes += "<rect x=\"158\" y=\"\(y + 2)\" width=\"\(row.count * 400 / most)\" height=\"12\"/>"
                shapes += "<text x=\"\(164 + row.count * 400 / most)\" y=\"\(y + 12)\">\(row.count)"
                shapes += " (\(share(row.count, statistics).filter { $0 != " " }))</text>\n"
                y += 17
            }
            y += 10
        }
        for breakdown in statistics.breakdowns { shapes += stacks(breakdown, &y) }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="720" height="\(y + 8)" viewBox="0 0 720 \(y + 8)">
            <title>\(statistics.patients) synthetic patients</title>
            <style>text { font: 11px sans-serif; fill: #222 } .name { text-anchor: end }
            .group, .head { font-weight: bold } rect { fill: #2b6cb0 }
            .c0 { fill: #c53030 } .c1 { fill: #dd6b20 } .c2 { fill: #2f855a } .c3 { fill: #718096 }</style>
            <rect width="100%" height="100%" style="fill: #fff"/>
            <text x="16" y="22" class="head">\(statistics.patients) synthetic patients</text>
            \(shapes)</svg>

            """
    }

    /// A bar for each part, divided by outcome.
    private static func stacks(_ breakdown: PatientStatistics.Breakdown, _ y: inout Int) -> String {
        let outcomes = breakdown.columns.count - Patient.Outcome.allCases.count
        var shapes = "<text x=\"16\" y=\"\(y + 14)\" class=\"group\">outcome by \(escaped(breakdown.name))</text>"
        for (place, name) in breakdown.columns[outcomes...].enumerated() {
            shapes += "<rect class=\"c\(place)\" x=\"\(200 + place * 110)\" y=\"\(y + 4)\" width=\"10\" height=\"10\"/>"
            shapes += "<text x=\"\(214 + place * 110)\" y=\"\(y + 13)\">\(escaped(name))</text>"
        }
        shapes += "\n"
        y += 24
        let most = max(1, breakdown.rows.map(\.patients).max() ?? 1)
        for row in breakdown.rows {
            shapes += "<text x=\"150\" y=\"\(y + 12)\" class=\"name\">\(escaped(row.name))</text>"
            var done = 0
            for (place, count) in row.counts[outcomes...].enumerated() where count > 0 {
                let (from, to) = (done * 400 / most, (done + count) * 400 / most)
                shapes +=
                    "<rect class=\"c\(place)\" x=\"\(158 + from)\" y=\"\(y + 2)\" width=\"\(to - from)\" height=\"12\"/>"
                done += count
            }
            shapes += "<text x=\"\(164 + done * 400 / most)\" y=\"\(y + 12)\">\(row.patients)</text>\n"
            y += 17
        }
        y += 10
        return shapes
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}
