extension PatientGenerator {
    /// Writes the patients of a range; header and footer stand where the range begins and ends the whole, so that the
    /// bytes of adjoining ranges join to the bytes of the whole.
    /// - Parameter statistics: counts what was written, where it is not nil.
    public func write(
        _ range: Range<UInt64>, with writer: some PatientWriter, into sink: inout UTF8Sink,
        statistics: inout PatientStatistics?
    ) {
        if range.lowerBound == 0 { writer.header(into: &sink) }
        for index in range {
            if index > 0 { writer.separator(into: &sink) }
            let patient = patient(at: index)
            writer.append(patient, into: &sink)
            statistics?.count(patient)
        }
        if range.upperBound == count { writer.footer(into: &sink) }
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

    /// Generates a range once and writes it with several writers, one after another: for each its part of the bytes.
    func write(
        _ range: Range<UInt64>, with writers: [any PatientWriter], into sink: inout UTF8Sink,
        statistics: inout PatientStatistics?
    ) -> [Range<Int>] {
        if writers.count == 1 {
            write(range, with: writers[0], into: &sink, statistics: &statistics)
            return [0..<sink.count]
        }
        let patients = range.map { patient(at: $0) }
        for patient in patients { statistics?.count(patient) }
        return writers.map { writer in
            let start = sink.count
            write(patients, of: range, with: writer, into: &sink)
            return start..<sink.count
        }
    }

    private func write(
        _ patients: [Patient], of range: Range<UInt64>, with writer: some PatientWriter, into sink: inout UTF8Sink
    ) {
        if range.lowerBound == 0 { writer.header(into: &sink) }
        for patient in patients {
            if patient.index > 0 { writer.separator(into: &sink) }
            writer.append(patient, into: &sink)
        }
        if range.upperBound == count { writer.footer(into: &sink) }
    }
}
