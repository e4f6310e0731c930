import Foundation

// Any bytes are some log: lines are counted, none is lost, nothing crashes.
exit(
    fuzz { bytes, count in
        let input = UnsafeBufferPointer(start: bytes, count: count)
        var summary = LogSummary()
        var lines = 0
        for line in input.split(separator: UInt8(ascii: "\n")) {
            summary.add(line: UnsafeBufferPointer(rebasing: line))
            lines += 1
        }
        precondition(summary.lines == lines, "a line is lost")
        precondition(summary.counted + summary.unreadable <= lines)
        for group in summary.routes + summary.statements { precondition(group.failures <= group.count) }
        return 0
    })
