extension NationTable {
    /// Names of Greece, Croatia, Hungary, Iceland.
    static let grcToIsl: [Row] = [
        Row(
            "GRC", "Greece",
            male: """
                Georgios=Γεώργιος,Dimitrios=Δημήτριος,Konstantinos=Κωνσταντίνος,Ioannis=Ιωάννης,Nikolaos=Νικόλαος,\
                Panagiotis=Παναγιώτης,Christos=Χρήστος,Vasileios=Βασίλειος,Athanasios=Αθανάσιος,Michail=Μιχαήλ,\
                Evangelos=Ευάγγελος,Spyridon=Σπυρίδων,Angelos=Άγγελος,Aristos=Άριστος,Avraam=Αβραάμ,\
                Agathoklis=Αγαθοκλής,Agapitos=Αγαπητός,Adam=Αδάμ,Athinagoras=Αθηναγόρας,Aimilianos=Αιμιλιανός,\
                Alexandros=Αλέξανδρος,Amvrosios=Αμβρόσιος,Anagnostis=Αναγνώστης,Anastasios=Αναστάσιος,\
                Andronikos=Ανδρόνικος,Argyrios=Αργύριος,Aristotelis=Αριστοτέλης,Artemis=Αρτέμης,Archimidis=Αρχιμήδης,\
                Asklipios=Ασκληπιός,Afxentios=Αυξέντιος,Avgoustos=Αύγουστος,Valerios=Βαλέριος,\
                Vartholomaios=Βαρθολομαίος,Vasilis=Βασίλης,Veniamin=Βενιαμίν,Vikentios=Βικέντιος,\
                Vladimiros=Βλαδίμηρος,Gavriil=Γαβριήλ,Gerasimos=Γεράσιμος,Giorgos=Γιώργος,Dimos=Δήμος,\
                Damianos=Δαμιανός,Dimokritos=Δημόκριτος,Diomidis=Διομήδης,Eirinaios=Ειρηναίος,Emmanouil=Εμμανουήλ,\
                Ermolaos=Ερμόλαος,Efthymios=Ευθύμιος,Evripidis=Ευριπίδης,Efstratios=Ευστράτιος,Zinon=Ζήνων,\
                Zacharias=Ζαχαρίας,Iraklis=Ηρακλής,Themis=Θέμης,Theodosis=Θεοδόσης,Theotokis=Θεοτόκης,\
                Theocharis=Θεοχάρης,Theoklitos=Θεόκλητος,Theofrastos=Θεόφραστος,Thrasyvoulos=Θρασύβουλος,\
                Iasonas=Ιάσονας,Ieremias=Ιερεμίας,Iordanis=Ιορδάνης,Ippokratis=Ιπποκράτης,Isaak=Ισαάκ,Iosif=Ιωσήφ,\
                Kallinikos=Καλλίνικος,Klimis=Κλήμης,Kleovoulos=Κλεόβουλος,Kornilios=Κορνήλιος,Kyprianos=Κυπριανός,\
                Lazaros=Λάζαρος,Leandros=Λέανδρος,Leonardos=Λεονάρδος,Loudovikos=Λουδοβίκος,Lykourgos=Λυκούργος,\
                Markos=Μάρκος,Martinos=Μαρτίνος,Mavroeidis=Μαυροειδής,Menelaos=Μενέλαος,Nikos=Νίκος,Napoleon=Ναπολέων,\
                Neofytos=Νεόφυτος,Nikodimos=Νικόδημος,Xenofon=Ξενοφών,Orestis=Ορέστης,Patroklos=Πάτροκλος,\
                Panagis=Παναγής,Pantazis=Πανταζής,Paraskevas=Παρασκευάς,Pavlos=Παύλος
                """,
            female: """
                Maria=Μαρία,Eleni=Ελένη,Aikaterini=Αικατερίνη,Vasiliki=Βασιλική,Sofia=Σοφία,Angeliki=Αγγελική,\
                Georgia=Γεωργία,Dimitra=Δήμητρα,Konstantina=Κωνσταντίνα,Paraskevi=Παρασκευή,Alkistis=Άλκηστις,\
                Elli=Έλλη,Iris=Ίρις,Agoro=Αγόρω,Athina=Αθηνά,Akrivi=Ακριβή,Alexia=Αλεξία,Amvrosia=Αμβροσία,\
                Anastasia=Αναστασία,Andromachi=Ανδρομάχη,Anthoula=Ανθούλα,Apollonia=Απολλωνία,Argyroula=Αργυρούλα,\
                Aristea=Αριστέα,Asimoula=Ασημούλα,Atalanti=Αταλάντη,Afroditi=Αφροδίτη,Vagiani=Βαγιανή,\
                Valentina=Βαλεντίνα,Veroniki=Βερονίκη,Viktoria=Βικτωρία,Virginia=Βιργινία,Galateia=Γαλάτεια,\
                Gerakina=Γερακίνα,Gkolfo=Γκόλφω,Dafni=Δάφνη,Dimoula=Δημούλα,Eirini=Ειρήνη,Eleftheria=Ελευθερία,\
                Elpis=Ελπίς,Erato=Ερατώ,Erofili=Ερωφίλη,Evgenia=Ευγενία,Efthymia=Ευθυμία,Evrydiki=Ευρυδίκη,\
                Efstathia=Ευσταθία,Eftychia=Ευτυχία,Zampeta=Ζαμπέτα,Zacharoula=Ζαχαρούλα,Zisoula=Ζησούλα,Themis=Θέμις,\
                Theano=Θεανώ,Theodoti=Θεοδότη,Theofili=Θεοφίλη,Theocharoula=Θεοχαρούλα,Thomais=Θωμαΐς,Iokasti=Ιοκάστη,\
                Iouliani=Ιουλιανή,Ismini=Ισμήνη,Kalliroi=Καλλιρόη,Kanella=Κανέλλα,Katerina=Κατερίνα,Kleio=Κλειώ,\
                Klimentini=Κλημεντίνη,Kondylia=Κονδυλία,Krystallenia=Κρυσταλλένια,Kyparissia=Κυπαρισσία,\
                Konstantia=Κωνσταντία,Lida=Λήδα,Laskarina=Λασκαρίνα,Loukia=Λουκία,Lydia=Λυδία,Makrina=Μακρίνα,\
                Manto=Μαντώ,Margarita=Μαργαρίτα,Marigo=Μαριγώ,Matina=Ματίνα,Mavra=Μαύρα,Melpomeni=Μελπομένη,\
                Myrsini=Μυρσίνη,Natalia=Ναταλία,Neratzia=Νερατζιά,Nikoleta=Νικολέτα,Xanthippi=Ξανθίππη,Petra=Πέτρα,\
                Panagiota=Παναγιώτα,Panoraia=Πανωραία,Paschalia=Πασχαλιά,Pelagia=Πελαγία,Pigi=Πηγή,Polyniki=Πολυνίκη,\
                Polychronia=Πολυχρονία
                """,
            surnames: """
                Papadopoulos=Παπαδόπουλος/Papadopoulou=Παπαδοπούλου,Vlachos=Βλάχος/Vlachou=Βλάχου,Georgiou=Γεωργίου,\
                Petridis=Πετρίδης/Petridou=Πετρίδου,Athanasiadis=Αθανασιάδης/Athanasiadou=Αθανασιάδου,\
                Dimitriadis=Δημητριάδης/Dimitriadou=Δημητριάδου,Karagiannis=Καραγιάννης/Karagianni=Καραγιάννη,\
                Makris=Μακρής/Makri=Μακρή,Oikonomou=Οικονόμου,Papanikolaou=Παπανικολάου,\
                Avramidis=Αβραμίδης/Avramidou=Αβραμίδου,Angelidis=Αγγελίδης/Angelidou=Αγγελίδου,\
                Adamopoulos=Αδαμόπουλος/Adamopoulou=Αδαμοπούλου,Alexopoulos=Αλεξόπουλος/Alexopoulou=Αλεξοπούλου,\
                Anastasakis=Αναστασάκης/Anastasaki=Αναστασάκη,Anastasiou=Αναστασίου,Antoniou=Αντωνίου,\
                Apostolakis=Αποστολάκης/Apostolaki=Αποστολάκη,Apostolidis=Αποστολίδης/Apostolidou=Αποστολίδου,\
                Argyriou=Αργυρίου,Argyropoulos=Αργυρόπουλος/Argyropoulou=Αργυροπούλου,\
                Vasilakis=Βασιλάκης/Vasilaki=Βασιλάκη,Vasileiou=Βασιλείου,\
                Georgakopoulos=Γεωργακόπουλος/Georgakopoulou=Γεωργακοπούλου,Georgoulas=Γεωργούλας/Georgoula=Γεωργούλα,\
                Giannakoudakis=Γιαννακουδάκης/Giannakoudaki=Γιαννακουδάκη,\
                Giannopoulos=Γιαννόπουλος/Giannopoulou=Γιαννοπούλου,Gkagkas=Γκάγκας/Gkagka=Γκάγκα,\
                Grivas=Γρίβας/Griva=Γρίβα,Grigoriou=Γρηγορίου,Grigoriadis=Γρηγοριάδης/Grigoriadou=Γρηγοριάδου,\
                Grigoropoulos=Γρηγορόπουλος/Grigoropoulou=Γρηγοροπούλου,Dimitriou=Δημητρίου,\
                Dimopoulos=Δημόπουλος/Dimopoulou=Δημοπούλου,Doulamis=Δουλάμης/Doulami=Δουλάμη,\
                Doulgerakis=Δουλγεράκης/Doulgeraki=Δουλγεράκη,Drakakis=Δρακάκης/Drakaki=Δρακάκη,\
                Eleftheriou=Ελευθερίου,Zafeiris=Ζαφείρης/Zafeiri=Ζαφείρη,Zachariou=Ζαχαρίου,\
                Zygouris=Ζυγούρης/Zygouri=Ζυγούρη,Theodosiou=Θεοδοσίου,\
                Theodoropoulos=Θεοδωρόπουλος/Theodoropoulou=Θεοδωροπούλου,Iosifidis=Ιωσηφίδης/Iosifidou=Ιωσηφίδου,\
                Kalamaras=Καλαμάρας/Kalamara=Καλαμάρα,Kanellopoulos=Κανελλόπουλος/Kanellopoulou=Κανελλοπούλου,\
                Karagrigoriou=Καραγρηγορίου,Karakyriou=Καρακυρίου,Katsantonis=Κατσαντώνης/Katsantoni=Κατσαντώνη,\
                Katsigiannis=Κατσιγιάννης/Katsigianni=Κατσιγιάννη,Kafantaris=Καφαντάρης/Kafantari=Καφαντάρη,\
                Kontogiannis=Κοντογιάννης/Kontogianni=Κοντογιάννη,Kontos=Κοντός/Kontou=Κοντού,\
                Koutsourelis=Κουτσουρέλης/Koutsoureli=Κουτσουρέλη,Kyritsis=Κυρίτσης/Kyritsi=Κυρίτση,\
                Konstantinidis=Κωνσταντινίδης/Konstantinidou=Κωνσταντινίδου,\
                Konstantopoulos=Κωνσταντόπουλος/Konstantopoulou=Κωνσταντοπούλου,\
                Kostopoulos=Κωστόπουλος/Kostopoulou=Κωστοπούλου,Kotoulas=Κωτούλας/Kotoula=Κωτούλα,\
                Michos=Μίχος/Michou=Μίχου,Mantas=Μαντάς/Manta=Μαντά,Mitropoulos=Μητρόπουλος/Mitropoulou=Μητροπούλου,\
                Mitsopoulos=Μητσόπουλος/Mitsopoulou=Μητσοπούλου,Michailidis=Μιχαηλίδης/Michailidou=Μιχαηλίδου,\
                Bakostergiou=Μπακοστεργίου,Bozikis=Μποζίκης/Boziki=Μποζίκη,Moraitis=Μωραΐτης/Moraiti=Μωραΐτη,\
                Nikolopoulos=Νικολόπουλος/Nikolopoulou=Νικολοπούλου,Ntovas=Ντόβας/Ntova=Ντόβα,Panos=Πάνος/Panou=Πάνου,\
                Pantos=Πάντος/Pantou=Πάντου,Panagiotakopoulos=Παναγιωτακόπουλος/Panagiotakopoulou=Παναγιωτακοπούλου,\
                Pantazis=Πανταζής/Pantazi=Πανταζή,Papageorgiou=Παπαγεωργίου,Papaevangeliou=Παπαευαγγελίου,\
                Papathanasiou=Παπαθανασίου,Papatheodosiou=Παπαθεοδοσίου,Papastergiou=Παπαστεργίου,\
                Pappas=Παππάς/Pappa=Παππά,Petrakis=Πετράκης/Petraki=Πετράκη,Romaiou=Ρωμαίου,Sakellariou=Σακελλαρίου,\
                Sidiropoulos=Σιδηρόπουλος/Sidiropoulou=Σιδηροπούλου,Spyridakis=Σπυριδάκης/Spyridaki=Σπυριδάκη,\
                Stamelos=Σταμέλος/Stamelou=Σταμέλου,Stamoulis=Σταμούλης/Stamouli=Σταμούλη,Tsonis=Τσώνης/Tsoni=Τσώνη,\
                Tymviou=Τυμβίου,Charalampous=Χαραλάμπους,Charalampidis=Χαραλαμπίδης/Charalampidou=Χαραλαμπίδου,\
                Chatzivlasiou=Χατζηβλασίου,Chatzigeorgiou=Χατζηγεωργίου,\
                Christopoulos=Χριστόπουλος/Christopoulou=Χριστοπούλου,\
                Chronopoulos=Χρονόπουλος/Chronopoulou=Χρονοπούλου
                """),
        Row(
            "HRV", "Croatia",
            male: """
                Luka,Ivan,Marko,Josip,Ante,Petar,Filip,Tomislav,Aldo,Alen,Andrija,Anto,Anton,Antonio,Antun,Boris,\
                Božo,Branko,Bruno,Dalibor,Damir,Danijel,Dario,Darko,David,Davor,Dejan,Denis,Dino,Domagoj,Dominik,\
                Dragan,Dragutin,Dražen,Duje,Dušan,Elvis,Erik,Fran,Franjo,Goran,Hrvoje,Igor,Ilija,Ivica,Ivo,Jakov,\
                Janko,Joso,Jozo,Joško,Juraj,Jure,Karlo,Kristijan,Leon,Lovre,Lovro,Marijan,Marin,Mario,Martin,Mate,\
                Matej,Mateo,Matija,Mato,Mihael,Mijo,Milan,Mile,Mirko,Miroslav,Mislav,Mladen,Nenad,Niko,Nikola,Nikša,\
                Patrik,Pavao,Pero,Robert,Roko,Romano,Rudolf,Saša,Siniša,Slavko,Stjepan,Tomo,Toni,Valter,Vedran,\
                Viktor,Vjekoslav,Vladimir,Vlado,Zdravko,Zlatko
                """,
            female: """
                Ana,Marija,Lucija,Ivana,Petra,Nikolina,Maja,Katarina,Albina,Andrea,Ane,Anica,Anita,Anka,Ankica,\
                Antonija,Anđa,Anđela,Bara,Barbara,Barica,Biljana,Biserka,Božena,Božica,Branka,Danica,Danijela,Dora,\
                Draga,Dragica,Elizabeta,Ema,Eva,Franciska,Gordana,Hana,Iva,Ivanka,Ivka,Jadranka,Jana,Janja,Jasminka,\
                Jasna,Jele,Jelena,Josipa,Julijana,Karla,Kata,Kate,Katica,Kristina,Lana,Lara,Laura,Lea,Lidija,Ljiljana,\
                Ljubica,Lorena,Manda,Mara,Mare,Maria,Marica,Marijana,Marina,Marta,Martina,Matea,Mateja,Mia,\
                Milena,Milica,Milka,Mira,Mirjana,Nada,Nataša,Nevenka,Nika,Nina,Renata,Rozalija,Ruža,Ružica,Sandra,\
                Sanja,Sara,Slavica,Snježana,Stana,Suzana,Tatjana,Tea
                """,
            surnames: """
                Horvat,Kovačević,Babić,Marić,Jurić,Novak,Kovačić,Knežević,Vuković,Marković,Petrović,Matić,Abičić,\
                Akmačić,Andrašek,Aničić,Balinčić,Ban,Barac,Barbić,Baričević,Barušić,Bazjak,Bašnec,Belošević,Beraković,\
                Bijelić,Bićanić,Bjeliš,Blažičko,Bogdan,Boljkovac,Borošak,Botić,Božanović,Božičković,Bralić,Brlek,\
                Buljan,Burić,Butković,Bušljeta,Cestarić,Cindrić,Crnković,Cvetković,Cvrtila,Darojković,Derežić,Dizdar,\
                Dominiković,Dragičević,Drandić,Dujmović,Dvojak,Ergotić,Ferenac,Filipčić,Franičević,Friščić,Galešić,\
                Gelemanović,Glavor,Gotić,Grbac,Grgić,Grubišić,Gudelj,Hadrović,Hanžek,Herceg,Hodak,Horvatinec,Hranić,\
                Hrvojić,Husnjak,Ilinović,Ivančan,Jagečić,Jaković,Jasprica,Jemrić,Jovanovac,Jugovac,Jureško,Jurković,\
                Kahlina,Kaniški,Karmelić,Kauzlarić,Kereković,Klanac,Klasić,Kocijančić,Kolega,Komljenović,Kosić,Kovač,\
                Koški,Kraljević,Kresonja,Krčelić,Kukučka,Kurtoić,Kuščević,Lakošeljac,Legović,Lešković,Licul,Ljubić,\
                Lovrić,Lukić,Macan,Majdenić,Maletić,Mamula,Maraš,Marin,Maričević,Markovac,Martinović,Maršić,Matana,\
                Matijević,Matokanović,Matulin,Medač,Meić,Mihalić,Mikić,Mikulec,Miletić,Miloslavić,Mimica,Mičetić,\
                Mišković,Moscarda,Mudri,Mustač,Nakić,Nimac,Norac,Obratov,Orlić,Oršoš,Palić,Papak,Pavin,Pavlović,\
                Peharda,Perišić,Peruško,Peterlik,Pečur,Pikec,Plantek,Pokos,Polonijo,Poropat
                """),
        Row(
            "HUN", "Hungary",
            male: """
                Bence,Máté,Levente,Dávid,Balázs,Ádám,Zoltán,Gábor,László,István,József,János,Sándor,Ferenc,Attila,\
                Péter,Tamás,Zsolt,Tibor,András,Csaba,Imre,Lajos,György,Gyula,Mihály,Róbert,Károly,Dániel,Béla,\
                Krisztián,Miklós,Norbert,Pál,Gergő,Roland,Szabolcs,Bálint,Márk,Richárd,Antal,Gergely,Ákos,Viktor,\
                Árpád,Márton,Géza,Kristóf,Milán,Dominik,Patrik,Martin,Barnabás,Jenő,Kálmán,Marcell,Áron,Mátyás,Ernő,\
                Endre,Botond,Zsombor,Dezső,Olivér,Nándor,Szilárd,Erik,Alex,Benedek,Vilmos,Kornél,Zalán,Dénes,Ottó,\
                Benjámin,Bertalan,Kevin,Adrián,Rudolf,Noel,Albert,Vince,Ervin,Győző,Zsigmond,Andor,Iván,Szilveszter,\
                Gusztáv,Barna,Ábel,Hunor,Arnold,Csongor,Elemér,Krisztofer,Bendegúz,Emil,Tivadar,Henrik
                """,
            female: """
                Anna,Hanna,Zsófia,Emma,Luca,Eszter,Katalin,Réka,Mária,Erzsébet,Éva,Ilona,Zsuzsanna,Margit,Judit,\
                Ágnes,Andrea,Ildikó,Julianna,Erika,Krisztina,Irén,Mónika,Magdolna,Edit,Gabriella,Szilvia,Anita,\
                Viktória,Anikó,Márta,Tímea,Rozália,Piroska,Ibolya,Klára,Tünde,Dóra,Alexandra,Veronika,Gizella,\
                Csilla,Nikolett,Melinda,Nóra,Terézia,Adrienn,Beáta,Marianna,Vivien,Renáta,Barbara,Enikő,Bernadett,\
                Rita,Brigitta,Edina,Hajnalka,Gyöngyi,Petra,Boglárka,Orsolya,Jolán,Noémi,Etelka,Valéria,Fanni,\
                Borbála,Annamária,Kitti,Teréz,Nikoletta,Laura,Emese,Lilla,Aranka,Kinga,Klaudia,Anett,Róza,Lili,Zita,\
                Dorina,Beatrix,Zsanett,Sára,Bianka,Rózsa,Jázmin,Júlia,Diána,Henrietta,Györgyi,Irma,Dorottya,Bettina,\
                Mariann,Virág,Gréta,Rebeka
                """,
            surnames: """
                Nagy,Kovács,Tóth,Szabó,Horváth,Varga,Kiss,Molnár,Németh,Farkas,Balogh,Papp,Takács,Juhász,Lakatos,\
                Mészáros,Oláh,Simon,Rácz,Fekete,Szilágyi,Török,Fehér,Balázs,Gál,Kis,Szűcs,Kocsis,Orsós,Fodor,Szalai,\
                Sipos,Lukács,Magyar,Pintér,Gulyás,Biró,Király,László,Katona,Jakab,Bogdán,Balog,Sándor,Boros,Fazekas,\
                Kelemen,Váradi,Antal,Somogyi,Orosz,Fülöp,Veres,Vincze,Hegedűs,Budai,Deák,Pap,Bálint,Pál,Illés,Vass,\
                Szőke,Vörös,Bognár,Fábián,Lengyel,Bodnár,Szücs,Hajdu,Halász,Jónás,Máté,Székely,Kozma,Gáspár,Pásztor,\
                Bakos,Dudás,Major,Orbán,Hegedüs,Virág,Barna,Novák,Soós,Tamás,Nemes,Pataki,Balla,Faragó,Borbély,\
                Kerekes,Barta,Szekeres,Csonka,Mezei,Péter,Márton,Sárközi
                """),
        Row(
            "ISL", "Iceland",
            male: """
                Jón,Sigurður,Guðmundur,Gunnar,Ólafur,Einar,Kristján,Aron,Árni,Arnar,Ágúst,Birgir,Bjarni,Björn,Daníel,\
                Davíð,Egill,Eiríkur,Elías,Friðrik,Gísli,Guðjón,Halldór,Haraldur,Haukur,Helgi,Hilmar,Ingvar,Ívar,\
                Jóhann,Jónas,Karl,Kjartan,Magnús,Óskar,Páll,Pétur,Ragnar,Rúnar,Snorri,Stefán,Steinar,Sveinn,Tómas,\
                Tryggvi,Viktor,Þórður,Þorsteinn,Andri,Alexander,Baldur,Benedikt,Bergur,Bragi,Erlendur,Finnur,Geir,\
                Guðni,Hannes,Hörður,Jakob,Kári,Leifur,Logi,Ómar,Orri,Sigurjón,Sindri,Skúli,Sævar,Valur,Vilhjálmur,Þór,\
                Þórarinn,Örn,Alfreð,Ari,Arngeir,Arnþór,Ásgeir,Ástráður,Benóný,Brandur,Brynleifur,Diðrik,Eyþór,\
                Friðþjófur,Grímar,Guðgeir,Hafliði,Hjörtur,Hlöðver
                """,
            female: """
                Guðrún,Anna,Kristín,Sigríður,Margrét,Helga,Katrín,Birta,Ásta,Auður,Ásdís,Berglind,Birna,Brynja,Edda,\
                Elín,Elísabet,Erla,Eva,Guðbjörg,Guðný,Halldóra,Harpa,Hildur,Hólmfríður,Hrafnhildur,Hulda,Inga,\
                Ingibjörg,Íris,Jóhanna,Jóna,Karen,Kolbrún,Lilja,María,Ragnheiður,Rakel,Sandra,Sara,Sigrún,Sólveig,\
                Steinunn,Svanhildur,Unnur,Valgerður,Þóra,Þórunn,Arna,Áslaug,Bryndís,Dagný,Fanney,Freyja,Gerður,Hafdís,\
                Heiða,Jónína,Kristjana,Ólafía,Ólöf,Rósa,Sólrún,Telma,Vigdís,Þórdís,Þuríður,Andra,Anne,Ágústína,Árndís,\
                Ástheiður,Bergdís,Berit,Borgþóra,Cecilía,Dagrún,Debora,Dorothea,Edith,Eir,Elina,Emma,Erlín,Eyvör,\
                Geirný,Guðfinna,Gunnrún,Halldís,Heiðveig,Herdís,Hjördís
                """,
            surnames: """
                Jónsson/Jónsdóttir,Sigurðsson/Sigurðardóttir,Guðmundsson/Guðmundsdóttir,Gunnarsson/Gunnarsdóttir,\
                Ólafsson/Ólafsdóttir,Einarsson/Einarsdóttir,Kristjánsson/Kristjánsdóttir,Magnússon/Magnúsdóttir,\
                Stefánsson/Stefánsdóttir,Björnsson/Björnsdóttir,Árnason/Árnadóttir,Helgason/Helgadóttir,\
                Þorsteinsson/Þorsteinsdóttir,Jóhannsson/Jóhannsdóttir,Pálsson/Pálsdóttir,Pétursson/Pétursdóttir,\
                Halldórsson/Halldórsdóttir,Haraldsson/Haraldsdóttir,Hauksson/Hauksdóttir,Ragnarsson/Ragnarsdóttir,\
                Sveinsson/Sveinsdóttir,Þórðarson/Þórðardóttir,Ágústsson/Ágústsdóttir,Arnarsson/Arnarsdóttir,\
                Aronsson/Aronsdóttir,Ásgeirsson/Ásgeirsdóttir,Baldursson/Baldursdóttir,Benediktsson/Benediktsdóttir,\
                Birgisson/Birgisdóttir,Bjarnason/Bjarnadóttir,Bragason/Bragadóttir,Davíðsson/Davíðsdóttir,\
                Egilsson/Egilsdóttir,Eiríksson/Eiríksdóttir,Erlendsson/Erlendsdóttir,Eyjólfsson/Eyjólfsdóttir,\
                Finnsson/Finnsdóttir,Friðriksson/Friðriksdóttir,Geirsson/Geirsdóttir,Gíslason/Gísladóttir,\
                Grímsson/Grímsdóttir,Guðjónsson/Guðjónsdóttir,Guðnason/Guðnadóttir,Hannesson/Hannesdóttir,\
                Hjaltason/Hjaltadóttir,Hermannsson/Hermannsdóttir,Hilmarsson/Hilmarsdóttir,Hrafnsson/Hrafnsdóttir,\
                Ingason/Ingadóttir,Ingvarsson/Ingvarsdóttir,Ívarsson/Ívarsdóttir,Jakobsson/Jakobsdóttir,\
                Jónasson/Jónasdóttir,Júlíusson/Júlíusdóttir,Karlsson/Karlsdóttir,Kjartansson/Kjartansdóttir,\
                Kolbeinsson/Kolbeinsdóttir,Leifsson/Leifsdóttir,Óskarsson/Óskarsdóttir,Rúnarsson/Rúnarsdóttir,\
                Sigurbjörnsson/Sigurbjörnsdóttir,Skúlason/Skúladóttir,Snorrason/Snorradóttir,\
                Steinarsson/Steinarsdóttir,Tómasson/Tómasdóttir,Tryggvason/Tryggvadóttir,\
                Valdimarsson/Valdimarsdóttir,Viðarsson/Viðarsdóttir,Vilhjálmsson/Vilhjálmsdóttir,\
                Þórarinsson/Þórarinsdóttir
                """),
    ]
}
