/// Finds what Prometheus lets pass in silence: a series twice, labels reordered, families in pieces, clashing names.
enum DuplicateChecker {
    static func faults(of text: String, openMetrics: Bool) -> [String] {
        var faults: [String] = []
        var families: Set<String> = []
        var series: Set<String> = []
        var family = ""
        var kind = ""
        // Bytes, not characters: a carriage return and a line feed are one character to Swift.
        var lines = Array(text.utf8).split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        if lines.last?.isEmpty == true {
            lines.removeLast()
        } else if !text.isEmpty {
            faults.append("no line feed at the end")
        }
        if openMetrics {
            if lines.last.map({ String(decoding: $0, as: UTF8.self) }) != "# EOF" { faults.append("no EOF at the end") }
            lines = lines.dropLast()
        }
        for bytes in lines {
            let line = String(decoding: bytes, as: UTF8.self)
            if line.isEmpty { faults.append("an empty line") }
            if line.hasPrefix("# HELP ") {
                family = String(decoding: bytes.dropFirst(7).prefix { $0 != 0x20 }, as: UTF8.self)
                if !families.insert(family).inserted { faults.append("family \(family) in pieces") }
                continue
            }
            if line.hasPrefix("# TYPE \(family) ") {
                kind = String(line.dropFirst(8 + family.utf8.count))
                continue
            }
            if openMetrics, line.hasPrefix("# UNIT \(family) ") {
                if !family.hasSuffix(String(line.dropFirst(7 + family.utf8.count)).replacing(" ", with: "_")) {
                    faults.append("unit: \(line)")
                }
                continue
            }
            if line.hasPrefix("#") {
                faults.append("a comment: \(line)")
                continue
            }
            guard let sample = Sample(bytes) else {
                faults.append("cannot be read: \(line)")
                continue
            }
            let suffixes: [String]
            switch (kind, openMetrics) {
            case ("histogram", _): suffixes = ["_bucket", "_sum", "_count"] + (openMetrics ? ["_created"] : [])
            case ("counter", true): suffixes = ["_total", "_created"]
            case ("info", _): suffixes = ["_info"]
            default: suffixes = [""]
            }
            if !suffixes.contains(where: { family + $0 == sample.name }) {
                faults.append("\(line) in family \(family)")
            }
            if !series.insert(sample.key).inserted { faults.append("twice: \(line)") }
            if Set(sample.labels.map(\.0)).count != sample.labels.count { faults.append("a label twice: \(line)") }
            if sample.hasExemplar, !openMetrics { faults.append("an exemplar: \(line)") }
        }
        return faults
    }

    /// A line taken apart.
    private struct Sample {
        var name = ""
        var labels: [(String, String)] = []
        var hasExemplar = false

        var key: String { name + labels.sorted { $0.0 < $1.0 }.map { "\u{1}\($0.0)\u{2}\($0.1)" }.joined() }

        init?(_ bytes: [UInt8]) {
            var place = 0
            func word() -> String {
                let start = place
                while place < bytes.count, isWord(bytes[place]) { place += 1 }
                return String(decoding: bytes[start..<place], as: UTF8.self)
            }
            name = word()
            guard !name.isEmpty, place < bytes.count else { return nil }
            if bytes[place] == UInt8(ascii: "{") {
                repeat {
                    place += 1
                    let label = word()
                    guard !label.isEmpty, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "="),
                        bytes[place + 1] == UInt8(ascii: "\"")
                    else { return nil }
                    place += 2
                    let start = place
                    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                        if bytes[place] == UInt8(ascii: "\\") {
                            guard place + 1 < bytes.count, Array("\\\"n".utf8).contains(bytes[place + 1]) else {
                                return nil
                            }
                            place += 1
                        }
                        place += 1
                    }
                    guard place + 1 < bytes.count else { return nil }
                    labels.append((label, String(decoding: bytes[start..<place], as: UTF8.self)))
                    place += 1
                } while bytes[place] == UInt8(ascii: ",")
                guard bytes[place] == UInt8(ascii: "}") else { return nil }
                place += 1
            }
            guard place < bytes.count, bytes[place] == 0x20 else { return nil }
            let rest = String(decoding: bytes[(place + 1)...], as: UTF8.self)
            let figure = rest.prefix { $0 != " " }
            guard Double(figure) != nil || ["NaN", "+Inf", "-Inf"].contains(figure) else { return nil }
            hasExemplar = rest.count != figure.count
            if hasExemplar, !rest.dropFirst(figure.count).hasPrefix(" # {") { return nil }
        }

        private func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x3A).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
        }
    }
}
