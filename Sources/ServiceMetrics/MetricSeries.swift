import Synchronization

// Figures are atomics or behind a cell's lock; the rendered line is touched only under the family's render lock.
/// What counters, gauges and histograms have in common: a place in a family, told by the values of its labels.
public class MetricSeries: @unchecked Sendable {
    /// The values of the labels, in the family's order.
    public let labelValues: [String]
    /// Updates that make no sense, of the whole family.
    let rejected: RejectedUpdates
    /// `a="x",b="y"`, escaped, without braces; constant labels first.
    let labelText: [UInt8]
    /// When the series began, seconds since 1970.
    let created: Double
    /// Seconds since 1970 when a scrape last saw a change, and the figure it saw. Under the family's lock.
    var changed: Double
    var seen: UInt64 = 0

    init(_ identity: SeriesIdentity) {
        labelValues = identity.values
        rejected = identity.rejected
        labelText = identity.labelText
        created = identity.created
        changed = identity.created
    }

    /// Writes the series' lines.
    func render(into sink: ByteSink, heads: FamilyHeads, openMetrics: Bool) {}

    /// Changes whenever the series was used.
    var activity: UInt64 { 0 }
}

/// What a series is made of.
struct SeriesIdentity {
    var name: String
    var values: [String]
    var labelText: [UInt8]
    var created: Double
    var rejected: RejectedUpdates

    /// `name{labels} `: what stands before the figure of a series of one line.
    var prefix: [UInt8] {
        var bytes = Array(name.utf8)
        if !labelText.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes += labelText
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
        return bytes
    }
}

/// Counts updates of a family that were not taken: negative steps, NaN.
final class RejectedUpdates: Sendable {
    private let counted = Atomic<Int64>(0)

    @inline(never)
    func count() { counted.wrappingAdd(1, ordering: .relaxed) }

    var value: Int64 { counted.load(ordering: .relaxed) }
}
