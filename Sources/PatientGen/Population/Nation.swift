/// A nation: its code, its name, its people's names and blood groups.
public struct Nation: Sendable {
    /// ISO 3166 alpha-3.
    public let code: String
    /// Its English name.
    public let name: String
    let male: NameList
    let female: NameList
    /// Surnames in the form of men and of women, place by place the same family.
    let maleSurnames: NameList
    let femaleSurnames: NameList
    let blood: Weights
    /// Two surnames, of both parents: Spain and Portugal.
    let hasTwoSurnames: Bool

    /// The 32 NATO nations, by code.
    public static let all: [Nation] = NationTable.rows.map(Nation.init(row:)).sorted { $0.code < $1.code }

    /// The same for the hot path, never freed: threads that copied a nation would count references at one place of memory.
    nonisolated(unsafe) static let table: UnsafePointer<Nation> = {  // written here only
        let memory = UnsafeMutablePointer<Nation>.allocate(capacity: all.count)
        memory.initialize(from: all, count: all.count)
        return UnsafePointer(memory)
    }()

    private static let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.code, $0) })

    /// The place of a code in ``all``.
    public static func index(of code: String) -> Int? { places[code] }

    /// Given names of a sex, the most usual first.
    public func givenNames(female isFemale: Bool) -> [String] { isFemale ? female.names : male.names }
    /// Surnames in the form of a sex, the most usual first.
    public func surnames(female isFemale: Bool) -> [String] { isFemale ? femaleSurnames.names : maleSurnames.names }

    private init(row: NationTable.Row) {
        code = row.code
        name = row.name
        male = NameList(row.male)
        female = NameList(row.female)
        maleSurnames = NameList(row.surnames, form: .first)
        femaleSurnames = NameList(row.surnames, form: .last)
        blood = Weights(BloodGroup.frequencies[row.code] ?? BloodGroup.european)
        hasTwoSurnames = row.code == "ESP" || row.code == "PRT"
    }
}

/// Names, the most usual first, with their weights.
///
/// Written with commas between; `/` divides the form of men from that of women; `=` the Latin form from the native one.
struct NameList: Sendable {
    enum Form { case first, last }

    let names: [String]
    /// In the nation's own script, or empty.
    let native: [String]
    let weights: Weights

    init(_ text: String, form: Form = .first) {
        let entries = text.split(separator: ",").map { entry -> (String, String?) in
            let forms = entry.split(separator: "/")
            let one = (form == .first ? forms.first : forms.last) ?? entry
            let scripts = one.split(separator: "=")
            return (String(scripts[0]), scripts.count > 1 ? String(scripts[1]) : nil)
        }
        names = entries.map(\.0)
        native = entries.contains { $0.1 == nil } ? [] : entries.compactMap(\.1)
        // Names thin out as 1 / (place + 12), a flattened Zipf law: the first is some seven times as usual as the hundredth.
        weights = Weights(entries.indices.map { 1 / Double($0 + 12) })
    }
}
