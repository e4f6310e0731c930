extension NationTable {
    /// Names of North Macedonia, Montenegro, Netherlands, Norway.
    static let mkdToNor: [Row] = [
        Row(
            "MKD", "North Macedonia",
            male: """
                Aleksandar=Александар,Nikola=Никола,Stefan=Стефан,Filip=Филип,Goran=Горан,Zoran=Зоран,Dejan=Дејан,\
                Igor=Игор,Aleksej=Алексеј,Andrej=Андреј,Anton=Антон,Arsen=Арсен,Atanas=Атанас,Blagoj=Благој,\
                Bojan=Бојан,Boris=Борис,Borche=Борче,Branko=Бранко,Vasil=Васил,Vidoe=Видое,Vlatko=Влатко,Goce=Гоце,\
                Damjan=Дамјан,Daniel=Даниел,Darko=Дарко,Dimitar=Димитар,Done=Доне,Dragan=Драган,Dushan=Душан,\
                Gjorgi=Ѓорги,Gjorche=Ѓорче,Emil=Емил,Zharko=Жарко,Ivan=Иван,Ilija=Илија,Jane=Јане,Jovan=Јован,\
                Jovche=Јовче,Kiril=Кирил,Kosta=Коста,Krste=Крсте,Kuzman=Кузман,Lazar=Лазар,Luka=Лука,Marjan=Марјан,\
                Marko=Марко,Metodi=Методи,Mihail=Михаил,Mitko=Митко,Momchilo=Момчило,Naum=Наум,Ognen=Огнен,\
                Pavle=Павле,Petar=Петар,Petre=Петре,Risto=Ристо,Sasho=Сашо,Simon=Симон,Slobodan=Слободан,\
                Stojan=Стојан,Tihomir=Тихомир,Todor=Тодор,Tome=Томе,Trajan=Трајан,Trajche=Трајче,Hristo=Христо,\
                Cvetan=Цветан,Chedo=Чедо
                """,
            female: """
                Marija=Марија,Elena=Елена,Ana=Ана,Ivana=Ивана,Biljana=Билјана,Katerina=Катерина,Sanja=Сања,\
                Vesna=Весна,Aleksandra=Александра,Angela=Ангела,Aneta=Анета,Anita=Анита,Blagica=Благица,\
                Valentina=Валентина,Vasilka=Василка,Vaska=Васка,Violeta=Виолета,Gordana=Гордана,Danica=Даница,\
                Danche=Данче,Darija=Дарија,Dimka=Димка,Dragana=Драгана,Elizabeta=Елизабета,Emilija=Емилија,\
                Ivanka=Иванка,Jasmina=Јасмина,Jovana=Јована,Kristina=Кристина,Liljana=Лилјана,Lina=Лина,\
                Magdalena=Магдалена,Maja=Маја,Marina=Марина,Martina=Мартина,Milena=Милена,Mirjana=Мирјана,\
                Nadica=Надица,Natasha=Наташа,Nevena=Невена,Nina=Нина,Olivera=Оливера,Roza=Роза,Sara=Сара,\
                Simona=Симона,Snezhana=Снежана,Sonja=Соња,Sofija=Софија,Stefanija=Стефанија,Suzana=Сузана,\
                Tanja=Тања,Teodora=Теодора,Tijana=Тијана,Cveta=Цвета,Cvetanka=Цветанка
                """,
            surnames: """
                Stojanovski=Стојановски/Stojanovska=Стојановска,Jovanovski=Јовановски/Jovanovska=Јовановска,\
                Petrovski=Петровски/Petrovska=Петровска,Nikolovski=Николовски/Nikolovska=Николовска,\
                Dimovski=Димовски/Dimovska=Димовска,Trajkovski=Трајковски/Trajkovska=Трајковска,\
                Angelov=Ангелов/Angelova=Ангелова,Ristov=Ристов/Ristova=Ристова,Kostov=Костов/Kostova=Костова,\
                Georgiev=Георгиев/Georgieva=Георгиева,Iliev=Илиев/Ilieva=Илиева,Mitrev=Митрев/Mitreva=Митрева,\
                Atanasovski=Атанасовски/Atanasovska=Атанасовска,Stefanovski=Стефановски/Stefanovska=Стефановска,\
                Ivanovski=Ивановски/Ivanovska=Ивановска,Markovski=Марковски/Markovska=Марковска,\
                Hristovski=Христовски/Hristovska=Христовска,Todorovski=Тодоровски/Todorovska=Тодоровска,\
                Pavlovski=Павловски/Pavlovska=Павловска,Miloshevski=Милошевски/Miloshevska=Милошевска,\
                Aleksovski=Алексовски/Aleksovska=Алексовска,Andonovski=Андоновски/Andonovska=Андоновска,\
                Apostolov=Апостолов/Apostolova=Апостолова,Arsovski=Арсовски/Arsovska=Арсовска,\
                Atanasov=Атанасов/Atanasova=Атанасова,Bojadjiev=Бојаџиев/Bojadjieva=Бојаџиева,\
                Vasilev=Василев/Vasileva=Василева,Veljanov=Велјанов/Veljanova=Велјанова,\
                Velkov=Велков/Velkova=Велкова,Gavrilovski=Гавриловски/Gavrilovska=Гавриловска,\
                Gligorov=Глигоров/Gligorova=Глигорова,Gjorgiev=Ѓоргиев/Gjorgieva=Ѓоргиева,\
                Gjorgjievski=Ѓорѓиевски/Gjorgjievska=Ѓорѓиевска,Grozdanovski=Гроздановски/Grozdanovska=Гроздановска,\
                Damjanovski=Дамјановски/Damjanovska=Дамјановска,Deshanovski=Дешановски/Deshanovska=Дешановска,\
                Dimitriev=Димитриев/Dimitrieva=Димитриева,Donev=Донев/Doneva=Донева,\
                Durlovski=Дурловски/Durlovska=Дурловска,Zaev=Заев/Zaeva=Заева,\
                Zafirovski=Зафировски/Zafirovska=Зафировска,Ivanov=Иванов/Ivanova=Иванова,Janev=Јанев/Janeva=Јанева,\
                Jovchev=Јовчев/Jovcheva=Јовчева,Klimovski=Климовски/Klimovska=Климовска,Kocev=Коцев/Koceva=Коцева,\
                Krstev=Крстев/Krsteva=Крстева,Krsteski=Крстески/Krsteska=Крстеска,\
                Lazarevski=Лазаревски/Lazarevska=Лазаревска,Lazov=Лазов/Lazova=Лазова,\
                Martinovski=Мартиновски/Martinovska=Мартиновска,Matevski=Матевски/Matevska=Матевска,\
                Mitrevski=Митревски/Mitrevska=Митревска,Mihajlovski=Михајловски/Mihajlovska=Михајловска,\
                Mladenovski=Младеновски/Mladenovska=Младеновска,Mojsov=Мојсов/Mojsova=Мојсова,\
                Musijanovski=Мусијановски/Musijanovska=Мусијановска,Naumovski=Наумовски/Naumovska=Наумовска,\
                Nikolov=Николов/Nikolova=Николова,Panovski=Пановски/Panovska=Пановска,\
                Petkovski=Петковски/Petkovska=Петковска,Popovski=Поповски/Popovska=Поповска,\
                Ristovski=Ристовски/Ristovska=Ристовска,Simonovski=Симоновски/Simonovska=Симоновска,\
                Spasov=Спасов/Spasova=Спасова,Spasovski=Спасовски/Spasovska=Спасовска,\
                Hristov=Христов/Hristova=Христова,Cvetkovski=Цветковски/Cvetkovska=Цветковска,\
                Chulev=Чулев/Chuleva=Чулева,Shakiri=Шакири
                """),
        Row(
            "MNE", "Montenegro",
            male: """
                Marko,Nikola,Luka,Stefan,Petar,Milan,Vuk,Dragan,Aleksandar,Andrija,Blažo,Bojan,Boško,Božidar,Danilo,\
                Darko,Dejan,Dušan,Filip,Goran,Igor,Ivan,Jovan,Ljubomir,Lazar,Mihailo,Miloš,Miodrag,Mirko,Miroslav,\
                Momčilo,Nebojša,Nenad,Novak,Obrad,Ognjen,Pavle,Predrag,Rade,Radovan,Ranko,Ratko,Saša,Savo,Slavko,\
                Slobodan,Srđan,Vasilije,Veselin,Vladimir,Vojislav,Zoran,Željko
                """,
            female: """
                Milica,Jovana,Ana,Marija,Jelena,Ivana,Tijana,Sara,Aleksandra,Anđela,Anđelka,Biljana,Bojana,Branka,\
                Danica,Danijela,Dijana,Dragana,Dušanka,Gordana,Irena,Isidora,Jasmina,Jasna,Katarina,Ksenija,Lidija,\
                Ljiljana,Maja,Milena,Mirjana,Nada,Nataša,Nevena,Nina,Olivera,Radmila,Sandra,Sanja,Senka,Slavica,\
                Sonja,Svetlana,Tamara,Tanja,Teodora,Valentina,Vesna,Vera,Zorica,Željka
                """,
            surnames: """
                Popović,Marković,Vujović,Radulović,Ivanović,Petrović,Jovanović,Perović,Vuković,Đurović,Knežević,\
                Božović,Đukanović,Vukčević,Krivokapić,Kovačević,Nikolić,Lakić,Raičević,Mijović,Bulatović,Vujačić,\
                Radović,Šćepanović,Pejović,Lekić,Bošković,Milić,Đurišić,Vuksanović,Roganović,Mugoša,Kaluđerović,\
                Živković,Milačić,Ćetković,Drašković,Dragović,Pavićević,Perišić,Popivoda,Krstović,Jokić,Milošević,\
                Lazović,Marojević,Mirković,Nenezić,Obradović,Otašević,Pantović,Pavlović,Peković,Pešić,Radonjić,\
                Radunović,Radusinović,Savić,Sekulić,Simonović,Spasojević,Stanišić,Stojanović,Šaranović,Tomić,\
                Todorović,Tomašević,Vlahović,Vukotić,Vukićević,Zečević,Žižić,Zvicer
                """),
        Row(
            "NLD", "Netherlands",
            male: """
                Daan,Sem,Lucas,Thijs,Bram,Jeroen,Pieter,Ruben,Aaron,Adam,Alex,Ali,Amir,Aron,Ayden,Bart,Bastiaan,Ben,\
                Berat,Bjorn,Boris,Brian,Cas,Chris,Collin,Dani,Daniël,David,Dion,Duuk,Dylano,Emir,Fabian,Felix,\
                Florian,Gerrit,Gijs,Guus,Hendrik,Ian,Imran,Jack,Jake,Jamie,Jari,Jasper,Jayden,Jelle,Jens,Jesse,Job,\
                Joey,Jonas,Joost,Joris,Jort,Joël,Julian,Jurre,Kai,Keano,Kick,Kyan,Lars,Lenn,Levi,Liam,Lorenzo,Luca,\
                Luka,Luke,Maarten,Marinus,Mart,Mathijs,Matthias,Maurits,Maxim,Mehmet,Merijn,Michael,Mika,Milan,\
                Mohammed,Muhammed,Nathan,Nick,Niels,Noud,Olaf,Oscar,Pepijn,Quinn,Rafael,Rayan,Rick,Riley,Robin,Sam,\
                Samuel
                """,
            female: """
                Emma,Julia,Sanne,Lotte,Fleur,Anouk,Lisa,Femke,Aaliyah,Aimée,Alyssa,Amelia,Amira,Amélie,Anna,Anne,Aya,\
                Azra,Bibi,Britt,Catharina,Ceylin,Chloé,Cornelia,Danique,Demi,Dina,Elena,Elin,Elisabeth,Eliza,Elize,\
                Emily,Esila,Esmée,Eva,Evi,Evy,Fatima,Faye,Fenne,Fiene,Floor,Frederique,Guusje,Hanna,Helena,Imke,Indy,\
                Isa,Isabelle,Isis,Janna,Jasmijn,Jaylinn,Jennifer,Jet,Jinthe,Jolie,Josephine,Juliette,Karlijn,Kaylee,\
                Kiki,Kyara,Lana,Laura,Leah,Lieke,Lily,Lindsey,Lise,Livia,Liza,Loes,Lola,Loïs,Luna,Maartje,Maja,Mare,\
                Marit,Maud,Megan,Melissa,Merle,Mia,Mila,Mirte,Nadia,Naomi,Nikki,Ninthe,Noa,Noortje,Norah,Noëlle,Olivia
                """,
            surnames: """
                de Jong,Jansen,de Vries,van den Berg,van Dijk,Bakker,Janssen,Visser,Smit,Meijer,de Boer,Mulder,\
                de Groot,Bos,Vos,Peters,Hendriks,van Leeuwen,Dekker,Brouwer,de Wit,Dijkstra,Smits,de Graaf,\
                van der Meer,van der Linden,Kok,Jacobs,de Haan,Vermeulen,van den Heuvel,van der Veen,van den Broek,\
                de Bruijn,van der Heijden,Schouten,van Beek,Willems,van Vliet,van de Ven,Hoekstra,Maas,Verhoeven,\
                Koster,van Dam,van der Wal,Prins,Blom,Huisman,Peeters,de Jonge,Kuipers,van Veen,Kuiper,Veenstra,Post,\
                Kramer,van den Brink,Scholten,van Wijk,Postma,Martens,Vink,de Ruiter,Timmermans,Groen,Gerritsen,\
                Jonker,van Loon,Boer,van der Velde,Willemsen,Smeets,de Lange,de Vos,van Dongen,Schipper,de Koning,\
                Koning,van der Laan,Driessen,Wolters,Hermans,Verbeek,van Doorn,Evers,Mol,van der Horst,Hofman,Kamp,\
                Lemmens,Otte,Pasman,Roose,Schenk,Schuurmans,Spruyt,Stoffel,Vergeer,Vervoort,Wildschut,Zaal,Adriaansen,\
                Appelman,Blokland,Brandt,Coenen,Cornelisse,Dirven,Feenstra,Geldens,Hagendoorn,Hoedemakers,Keijser,\
                Klein,Kriens,Ligtvoet,Merkx,Middelkoop,Overdijk,Prinsen,Rouwenhorst,Tamsma,de Bont,de Hoog
                """),
        Row(
            "NOR", "Norway",
            male: """
                Jakob,Emil,Oskar,Magnus,Henrik,Kristian,Ole,Sindre,Adrian,Alexander,Alf,Anders,Andreas,Arild,Arne,\
                Asbjørn,Bjørn,Christian,Dag,Daniel,Egil,Einar,Eirik,Eivind,Erik,Erling,Espen,Finn,Frank,Fredrik,\
                Frode,Geir,Gunnar,Hans,Harald,Helge,Håkon,Håvard,Ivar,Jan,Jens,Joakim,Johannes,Johan,John,Jonas,Jon,\
                Jørgen,Karl,Kenneth,Kim,Kjell,Kjetil,Knut,Kåre,Kristoffer,Lars,Leif,Magne,Marius,Markus,Martin,\
                Mathias,Morten,Nils,Odd,Ola,Olav,Per,Petter,Pål,Roar,Robert,Roger,Rolf,Roy,Rune,Sander,Sebastian,\
                Sigurd,Simen,Sondre,Steinar,Stein,Stian,Stig,Svein,Sverre,Terje,Thomas,Thor,Tobias,Tommy,Tom,\
                Torbjørn,Tore,Tor,Trond,Vegard,Vidar
                """,
            female: """
                Nora,Emma,Ingrid,Sofie,Ida,Silje,Kari,Marte,Andrea,Anette,Anita,Anna,Anne,Ann,Astrid,Aud,Bente,\
                Berit,Bjørg,Britt,Camilla,Cathrine,Cecilie,Elin,Elisabeth,Elise,Eli,Ellen,Else,Emilie,Eva,Gerd,\
                Grete,Grethe,Gro,Gunn,Hanna,Hanne,Hege,Heidi,Helene,Hilde,Ingeborg,Inger,Irene,Janne,Jenny,Jorunn,\
                Julie,Karen,Karin,Karoline,Kirsten,Kjersti,Kristine,Kristin,Laila,Lene,Linda,Line,Linn,Lise,Liv,\
                Malin,Maren,Marianne,Maria,Marie,Mari,Marit,Martine,May,Mette,Mona,Monica,Nina,Ragnhild,Randi,\
                Reidun,Rita,Ruth,Sara,Sigrid,Siri,Sissel,Siv,Solveig,Stine,Synnøve,Thea,Tone,Tonje,Torill,Tove,\
                Trine,Turid,Unni,Vilde,Wenche,Åse
                """,
            surnames: """
                Hansen,Johansen,Olsen,Larsen,Andersen,Pedersen,Nilsen,Kristiansen,Jensen,Karlsen,Johnsen,Berg,Aasen,\
                Aas,Abrahamsen,Ahmed,Ali,Amundsen,Andreassen,Andresen,Antonsen,Arnesen,Aune,Bakken,Bakke,Berge,\
                Berntsen,Bøe,Birkeland,Brekke,Christensen,Dahl,Danielsen,Edvardsen,Eide,Eliassen,Ellingsen,Engen,\
                Eriksen,Evensen,Fredriksen,Gulbrandsen,Gundersen,Hagen,Halvorsen,Hanssen,Haugen,Hauge,Haugland,Haug,\
                Helland,Henriksen,Holm,Isaksen,Iversen,Jacobsen,Jakobsen,Jenssen,Johannessen,Jørgensen,Knudsen,\
                Knutsen,Kristensen,Kristoffersen,Lien,Lie,Lunde,Lund,Madsen,Martinsen,Mathisen,Mikkelsen,Moen,Moe,\
                Myhre,Myklebust,Nguyen,Nielsen,Næss,Nygård,Paulsen,Pettersen,Rasmussen,Rønning,Ruud,Sandvik,\
                Simonsen,Sivertsen,Solberg,Solheim,Sørensen,Sæther,Strand,Strøm,Svendsen,Tangen,Thomassen,Thorsen,\
                Tveit,Vik,Ødegård
                """),
    ]
}
