import PatientGen

/// Packs the worksheet that `SheetPatientWriter` writes into an .xlsx workbook, as a stream in constant memory.
public struct Workbook {
    private var archive = ZIPArchive()
    private var hasBegun = false

    /// A workbook without rows.
    /// - Parameter patients: how many rows are to come.
    /// - Throws: ``ExportError`` with `invalidOption` for more than a sheet holds.
    public init(patients: UInt64) throws(ExportError) {
        guard patients <= UInt64(SheetPatientWriter.maximumPatients) else {
            throw ExportError(
                .invalidOption,
                "a sheet holds \(SheetPatientWriter.maximumPatients) patients, not \(patients); take csv, or a --range")
        }
    }

    /// More of the worksheet.
    public mutating func append(_ sheet: DeflatedPiece, into output: inout [UInt8]) throws(ExportError) {
        try begin(&output)
        try archive.append(sheet, into: &output)
    }

    /// Ends the workbook.
    public mutating func finish(into output: inout [UInt8]) throws(ExportError) {
        try begin(&output)
        archive.finish(into: &output)
    }

    private mutating func begin(_ output: inout [UInt8]) throws(ExportError) {
        guard !hasBegun else { return }
        hasBegun = true
        for (name, text) in Self.parts {
            try archive.begin(name, into: &output)
            try archive.append(Array((Self.declaration + text).utf8)[...], into: &output)
        }
        try archive.begin("xl/worksheets/sheet1.xml", into: &output)
    }

    private static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    private static let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    private static let package = "http://schemas.openxmlformats.org/package/2006"
    private static let sheetML = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    private static let parts: [(String, String)] = [
        (
            "[Content_Types].xml",
            """
            <Types xmlns="\(package)/content-types">\
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
            <Default Extension="xml" ContentType="application/xml"/>\
            <Override PartName="/xl/workbook.xml" ContentType="\(sheetML).sheet.main+xml"/>\
            <Override PartName="/xl/worksheets/sheet1.xml" ContentType="\(sheetML).worksheet+xml"/>\
            <Override PartName="/xl/styles.xml" ContentType="\(sheetML).styles+xml"/></Types>
            """
        ),
        (
            "_rels/.rels",
            """
            <Relationships xmlns="\(package)/relationships">\
            <Relationship Id="rId1" Type="\(office)/officeDocument" Target="xl/workbook.xml"/></Relationships>
            """
        ),
        (
            "xl/workbook.xml",
            """
            <workbook xmlns="\(main)" xmlns:r="\(office)"><sheets>\
            <sheet name="Patients" sheetId="1" r:id="rId1"/></sheets></workbook>
            """
        ),
        (
            "xl/_rels/workbook.xml.rels",
            """
            <Relationships xmlns="\(package)/relationships">\
            <Relationship Id="rId1" Type="\(office)/worksheet" Target="worksheets/sheet1.xml"/>\
            <Relationship Id="rId2" Type="\(office)/styles" Target="styles.xml"/></Relationships>
            """
        ),
        (
            "xl/styles.xml",
            """
            <styleSheet xmlns="\(main)"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
            <font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
            <fills count="2"><fill><patternFill patternType="none"/></fill>\
            <fill><patternFill patternType="gray125"/></fill></fills>\
            <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
            <cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
            <cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
            <xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
            <xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
            <xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>\
            <cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>
            """
        ),
    ]
}
