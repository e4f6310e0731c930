extension PatientGenerator {
    /// Writes the patients of a range; header and footer stand where the range begins and ends the whole, so that the
    /// bytes of adjoining ranges join to the bytes of the whole.
    /// - Parameter statistics: counts what was written, where it is not nil.
    public func write(
        _ range: Range<UInt64>, with writer: some PatientWriter, into sink: inout UTF8Sink,
        statistics: inout PatientStatistics?
    ) {
        var patient = Patient()
        write(range, with: writer, into: &sink, record: &patient, statistics: &statistics)
    }

    /// Writes the patients of a range and counts nothing.
    public func write(_ range: Range<UInt64>, with writer: some PatientWriter, into sink: inout UTF8Sink) {
        var none: PatientStatistics?
        write(range, with: writer, into: &sink, statistics: &none)
    }

    /// The same into an array.
    public func write(_ range: Range<UInt64>, with writer: some PatientWriter, into buffer: inout [UInt8]) {
        var sink = UTF8Sink()
        write(range, with: writer, into: &sink)
        sink.withBytes { buffer.append(contentsOf: $0) }
    }

    private func write(
        _ range: Range<UInt64>, with writer: some PatientWriter, into sink: inout UTF8Sink, record: inout Patient,
        statistics: inout PatientStatistics?
    ) {
        if range.lowerBound == 0 { writer.header(into: &sink) }
        for index in range {
            if index > 0 { writer.separator(into: &sink) }
            generate(index, into: &record)
            writer.append(record, into: &sink)
            statistics?.count(record)
        }
        if range.upperBound == count { writer.footer(into: &sink) }
    }

    /// Generates a range once and writes it with several writers, one after another: for each its part of the bytes.
    /// - Parameter records: filled again and again, so that nothing is allocated a patient.
    func write(
        _ range: Range<UInt64>, with writers: [any PatientWriter], into sink: inout UTF8Sink,
        records: inout [Patient], statistics: inout PatientStatistics?
    ) -> [Range<Int>] {
        while records.count < (writers.count == 1 ? 1 : range.count) { records.append(Patient()) }
        if writers.count == 1 {
            write(range, with: writers[0], into: &sink, record: &records[0], statistics: &statistics)
            return [0..<sink.count]
        }
        for (place, index) in range.enumerated() {
            generate(index, into: &records[place])
            statistics?.count(records[place])
        }
        return writers.map { writer in
            let start = sink.count
            write(records[..<range.count], of: range, with: writer, into: &sink)
            return start..<sink.count
        }
    }

    private func write(
        _ patients: ArraySlice<Patient>, of range: Range<UInt64>, with writer: some PatientWriter,
        into sink: inout UTF8Sink
    ) {
        if range.lowerBound == 0 { writer.header(into: &sink) }
        for place in patients.indices {
            if patients[place].index > 0 { writer.separator(into: &sink) }
            writer.append(patients[place], into: &sink)
        }
        if range.upperBound == count { writer.footer(into: &sink) }
    }
}
