/// One row a patient as the worksheet part of an Office Open XML workbook (ECMA-376): a bold header that stays in
/// sight, dates as dates, numbers as numbers. The workbook around it is made by whoever packs it.
public struct SheetPatientWriter: PatientWriter {
    private let row: PatientRow<SheetCells>

    /// A writer for a scenario's patients.
    public init(scenario: Scenario) { row = PatientRow(scenario: scenario) }

    /// The most patients that a sheet has rows for, beside the header.
    public static let maximumPatients = 1_048_575

    /// The begin of the part and the names of the columns.
    public func header(into b: inout UTF8Sink) {
        b.append("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n")
        b.append("<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetViews>")
        b.append("<sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" ")
        b.append("state=\"frozen\"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/>")
        b.append("<cols><col min=\"1\" max=\"")
        b.append(PatientRow<SheetCells>.columns.count)
        b.append("\" width=\"17\" customWidth=\"1\"/></cols><sheetData>")
        b.append("<row>")
        for column in PatientRow<SheetCells>.columns {
            b.append("<c s=\"3\" t=\"inlineStr\"><is><t>")
            b.append(column)
            b.append("</t></is></c>")
        }
        b.append("</row>\n")
    }

    /// One row.
    public func append(_ patient: Patient, into buffer: inout UTF8Sink) { row.append(patient, &buffer) }

    /// The end of the part.
    public func footer(into buffer: inout UTF8Sink) { buffer.append("</sheetData></worksheet>\n") }
}

/// Styles 1 and 2 of the workbook are a date and a date with a time.
private enum SheetCells: CellStyle {
    static func begin(_ sink: inout UTF8Sink) { sink.append("<row>") }
    static func end(_ sink: inout UTF8Sink) { sink.append("</row>\n") }
    static func separator(_ sink: inout UTF8Sink) {}

    static func text(_ text: String, _ sink: inout UTF8Sink) { word(&sink) { $0.appendXMLText(text) } }

    static func word(_ sink: inout UTF8Sink, _ word: (inout UTF8Sink) -> Void) {
        sink.append("<c t=\"inlineStr\"><is><t>")
        word(&sink)
        sink.append("</t></is></c>")
    }

    static func number(_ sink: inout UTF8Sink, _ number: (inout UTF8Sink) -> Void) {
        sink.append("<c><v>")
        number(&sink)
        sink.append("</v></c>")
    }

    static func unit(_ unit: MilitaryUnit, _ sink: inout UTF8Sink) { word(&sink) { $0.appendUnit(unit) } }

    static func flag(_ flag: Bool, _ sink: inout UTF8Sink) {
        sink.append(flag ? "<c t=\"b\"><v>1</v></c>" : "<c t=\"b\"><v>0</v></c>")
    }

    /// Days since 1899-12-30, as spreadsheets count them.
    private static let epoch = 25_569

    static func day(_ day: CalendarDay, _ sink: inout UTF8Sink) {
        sink.append("<c s=\"1\"><v>")
        sink.append(day.number + epoch)
        sink.append("</v></c>")
    }

    static func moment(_ minute: Int, _ moments: Moments, _ sink: inout UTF8Sink) {
        // A minute is 0.00069444… of a day: ten decimals are far below a second.
        let day = minute / 1440
        sink.append("<c s=\"2\"><v>")
        sink.append(moments.base + day + epoch)
        sink.append(".")
        sink.append((minute - day * 1440) * 10_000_000_000 / 1440, digits: 10)
        sink.append("</v></c>")
    }
}
