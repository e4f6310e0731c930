/// One row a patient, RFC 4180: a header, CRLF, quotes where they are needed.
public struct CSVPatientWriter: PatientWriter {
    private let row: PatientRow<CSVCells>

    /// A writer for a scenario's patients.
    public init(scenario: Scenario) { row = PatientRow(scenario: scenario) }

    /// The names of the columns.
    public func header(into buffer: inout UTF8Sink) { row.header(&buffer) }

    /// One row.
    public func append(_ patient: Patient, into buffer: inout UTF8Sink) { row.append(patient, &buffer) }
}

private enum CSVCells: CellStyle {
    static func begin(_ sink: inout UTF8Sink) {}
    static func end(_ sink: inout UTF8Sink) { sink.append("\r\n") }
    static func separator(_ sink: inout UTF8Sink) { sink.append(UInt8(ascii: ",")) }
    static func word(_ sink: inout UTF8Sink, _ word: (inout UTF8Sink) -> Void) { word(&sink) }
    static func number(_ sink: inout UTF8Sink, _ number: (inout UTF8Sink) -> Void) { number(&sink) }
    static func unit(_ unit: MilitaryUnit, _ sink: inout UTF8Sink) {
        sink.append(UInt8(ascii: "\""))
        sink.appendUnit(unit)
        sink.append(UInt8(ascii: "\""))
    }
    static func flag(_ flag: Bool, _ sink: inout UTF8Sink) { sink.append(flag ? "true" : "false") }
    static func day(_ day: CalendarDay, _ sink: inout UTF8Sink) { sink.appendDay(day) }
    static func moment(_ minute: Int, _ moments: Moments, _ sink: inout UTF8Sink) { moments.append(minute, &sink) }

    static func text(_ text: String, _ sink: inout UTF8Sink) {
        var isPlain = true
        for byte in text.utf8 where byte == 0x22 || byte == 0x2c || byte == 0x0a || byte == 0x0d { isPlain = false }
        if isPlain { return sink.appendText(text) }
        sink.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == 0x22 { sink.append(0x22 as UInt8) }
            sink.append(byte)
        }
        sink.append(UInt8(ascii: "\""))
    }
}
