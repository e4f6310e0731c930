extension NationTable {
    /// Names of Italy, Lithuania, Luxembourg, Latvia.
    static let itaToLva: [Row] = [
        Row(
            "ITA", "Italy",
            male: """
                Francesco,Alessandro,Lorenzo,Andrea,Matteo,Gabriele,Riccardo,Marco,Achille,Adelmo,Agnolo,Alberico,\
                Aldo,Alessio,Alfredo,Amedeo,Amleto,Annibale,Antonello,Armando,Arnulfo,Arturo,Augusto,Baldassare,\
                Benedetto,Benvenuto,Biagio,Calcedonio,Camillo,Carmelo,Cirillo,Claudio,Coriolano,Costanzo,Daniele,\
                Dante,Delfino,Domenico,Donato,Edoardo,Emilio,Enrico,Enzo,Ermanno,Ernesto,Ezio,Fabrizio,Federico,\
                Ferdinando,Fiorenzo,Flavio,Geronimo,Giacobbe,Giampaolo,Gian,Gianfranco,Gianluigi,Gianni,Gilberto,\
                Gioacchino,Gioele,Gionata,Giovanni,Giuliano,Giuseppe,Graziano,Guarino,Guido,Ivan,Jacopo,Lando,Lazzaro,\
                Leopoldo,Livio,Luciano,Ludovico,Manuel,Marcello,Mario,Martino,Massimo,Maurilio,Mauro,Michele,Mirko,\
                Napoleone,Nico,Nino,Oreste,Osvaldo,Ottone,Paride,Pasquale,Pellegrino,Piergiorgio,Pierluigi
                """,
            female: """
                Sofia,Giulia,Aurora,Alice,Martina,Chiara,Francesca,Elisa,Adelasia,Adele,Alessandra,Alessia,Allegra,\
                Amalia,Angelica,Angelina,Annalisa,Annetta,Annunziata,Antonia,Antonietta,Aria,Beatrice,Bettina,Bianca,\
                Camilla,Carla,Cassandra,Caterina,Clelia,Concetta,Daria,Diana,Dolores,Donatella,Eleonora,Eliana,Emma,\
                Erika,Eugenia,Eva,Fabia,Fabrizia,Fernanda,Filippa,Flavia,Fortunata,Gelsomina,Gemma,Giada,Giorgia,\
                Giovanna,Giuliana,Giulietta,Gloria,Graziella,Griselda,Ilaria,Imelda,Irma,Isa,Jolanda,Lara,Lauretta,\
                Liana,Licia,Liliana,Lilla,Lisa,Livia,Loredana,Loretta,Luciana,Ludovica,Luigina,Marcella,Margherita,\
                Maria,Marina,Marta,Matilda,Maura,Melina,Melissa,Michela,Monica,Morena,Natalia,Nedda,Nina,Ninetta,\
                Ornella,Paola,Paoletta,Pierina,Priscilla,Raffaella,Renata
                """,
            surnames: """
                Rossi,Russo,Ferrari,Esposito,Bianchi,Romano,Colombo,Ricci,Marino,Greco,Bruno,Gallo,Conti,De Luca,\
                Mancini,Costa,Giordano,Rizzo,Moretti,Barbieri,Fontana,Santoro,Mariani,Rinaldi,Caruso,Ferrara,Galli,\
                Martini,Leone,Longo,Gentile,Martinelli,Vitale,Lombardo,Serra,Coppola,De Santis,Marchetti,Bianco,Villa,\
                Palumbo,Abatantuono,Acerbi,Agostini,Alfieri,Andreotti,Antonetti,Argan,Asprucci,Bajamonti,Barcella,\
                Barozzi,Basadonna,Battelli,Bembo,Bettin,Bixio,Boitani,Bonanno,Bonolis,Bresciani,Brugnaro,Buonauro,\
                Caetani,Caironi,Callegaro,Camuccini,Capuana,Carli,Carullo,Cassarà,Catalano,Cerutti,Cheda,Chindamo,\
                Ciani,Cilea,Conte,Corradi,Costanzi,Curci,Cuzzocrea,Detti,Donatoni,Dossi,Duodo,Fabbri,Falcone,Fantoni,\
                Federico,Ferrante,Ferretti,Filangieri,Finetti,Fischetti,Foconi,Franscini,Gagliardi,Gasperi,Gentili,\
                Giacometti,Giannini,Gibilisco,Giunti,Golino,Govoni,Granatelli,Gregori,Grisoni,Guicciardini,Gulotta,\
                Iannelli,Infantino,Ioppi,Legnante,Lercari,Liguori,Lombardi,Lovato,Ludovisi,Luxardo,Maffei,Malipiero,\
                Marazzi,Marini,Martucci,Mastandrea,Mazzeo,Mercati,Miniati,Montalti,Montecchi,Morabito,Morgagni,Munari,\
                Muti,Navone,Nicolucci,Notarbartolo,Oliboni,Ovadia,Palazzo,Panatta,Paolucci,Parisi
                """),
        Row(
            "LTU", "Lithuania",
            male: """
                Lukas,Matas,Jonas,Tomas,Mantas,Andrius,Darius,Vytautas,Algirdas,Antanas,Arūnas,Audrius,Aurimas,\
                Dainius,Deividas,Domantas,Donatas,Dovydas,Edgaras,Egidijus,Ernestas,Evaldas,Gediminas,Giedrius,\
                Gintaras,Ignas,Jokūbas,Juozas,Justas,Justinas,Karolis,Kęstutis,Linas,Marius,Martynas,Mindaugas,\
                Modestas,Nerijus,Paulius,Petras,Povilas,Ramūnas,Remigijus,Rimantas,Robertas,Rokas,Saulius,Simonas,\
                Tadas,Valdas,Vaidas,Viktoras,Vilius,Žygimantas
                """,
            female: """
                Emilija,Gabija,Austėja,Ugnė,Eglė,Rasa,Jurgita,Kristina,Agnė,Aistė,Akvilė,Asta,Aušra,Birutė,Dalia,\
                Daiva,Danutė,Diana,Dovilė,Edita,Giedrė,Gintarė,Goda,Greta,Ieva,Ilona,Indrė,Inga,Irena,Janina,\
                Jolanta,Julija,Jūratė,Justina,Karolina,Kamilė,Laima,Laura,Lina,Loreta,Miglė,Milda,Monika,Neringa,\
                Nijolė,Raimonda,Rita,Ramunė,Rūta,Simona,Skaistė,Vaida,Viktorija,Vilma,Viltė,Živilė
                """,
            surnames: """
                Kazlauskas/Kazlauskaitė,Petrauskas/Petrauskaitė,Jankauskas/Jankauskaitė,Stankevičius/Stankevičiūtė,\
                Vasiliauskas/Vasiliauskaitė,Žukauskas/Žukauskaitė,Butkus/Butkutė,Paulauskas/Paulauskaitė,\
                Urbonas/Urbonaitė,Kavaliauskas/Kavaliauskaitė,Navickas/Navickaitė,Balčiūnas/Balčiūnaitė,\
                Rimkus/Rimkutė,Savickas/Savickaitė,Pocius/Pociūtė,Žemaitis/Žemaitytė,Jonaitis/Jonaitytė,\
                Mockus/Mockutė,Petraitis/Petraitytė,Adomaitis/Adomaitytė,Šimkus/Šimkutė,Norkus/Norkutė,\
                Kairys/Kairytė,Vaitkus/Vaitkutė,Lukoševičius/Lukoševičiūtė,Bernotas/Bernotaitė,\
                Simonaitis/Simonaitytė,Budrys/Budrytė,Jasaitis/Jasaitytė,Mažeika/Mažeikaitė,Gudaitis/Gudaitytė,\
                Navickis/Navickytė,Bagdonas/Bagdonaitė,Matulevičius/Matulevičiūtė,Urbonavičius/Urbonavičiūtė,\
                Ivanauskas/Ivanauskaitė,Sakalauskas/Sakalauskaitė,Černiauskas/Černiauskaitė,Rutkauskas/Rutkauskaitė,\
                Baranauskas/Baranauskaitė,Malinauskas/Malinauskaitė,Zaleckis/Zaleckytė,Dambrauskas/Dambrauskaitė,\
                Kučinskas/Kučinskaitė,Lukauskas/Lukauskaitė,Gricius/Griciūtė,Grigas/Grigaitė,Jurevičius/Jurevičiūtė,\
                Mikalauskas/Mikalauskaitė,Mickevičius/Mickevičiūtė,Narkevičius/Narkevičiūtė,\
                Radzevičius/Radzevičiūtė,Sinkevičius/Sinkevičiūtė,Tamošiūnas/Tamošiūnaitė,Valaitis/Valaitytė,\
                Vitkauskas/Vitkauskaitė,Banys/Banytė,Daukša/Daukšaitė,Gaidys/Gaidytė,Jakštas/Jakštaitė,\
                Kubilius/Kubiliūtė,Survila/Survilaitė,Venckus/Venckutė,Zabulis/Zabulytė
                """),
        Row(
            "LUX", "Luxembourg",
            male: """
                Gabriel,Leo,Noah,Max,Felix,Luca,Ben,Tom,Jean,Pierre,André,Claude,Fernand,François,Guy,Marc,Marcel,\
                Michel,René,Roger,Alain,Albert,Antoine,Armand,Bernard,Charles,Emile,Fabrice,Georges,Henri,Jacques,\
                Joseph,Léon,Lucien,Nicolas,Patrick,Paul,Raymond,Robert,Romain,Alex,Alphonse,Christian,Daniel,Ernest,\
                Eugène,Frank,Gaston,Gérard,Gilbert,Jean-Claude,Jeannot,Jean-Paul,Jean-Pierre,John,Laurent,Louis,Luc,\
                Marco,Norbert,Philippe,Roland,Serge,Théo,Victor,Yves,Arthur,Carlo,Christophe,David,Didier,Edmond,\
                Edouard,Eric,Félix,Francis,Frédéric,Gilles,Guillaume,Joël,Johny,Jules,Manuel,Mathias,Mike,Olivier,\
                Pascal,Richard,Thierry,Adrien,Alexandre,Alfred,Benoît,Bruno,Denis,Etienne,Hans,Jean-Luc,Jeff,Jérôme
                """,
            female: """
                Emma,Mia,Lara,Lena,Julie,Anna,Clara,Charlotte,Marie,Maria,Anne,Camille,Catherine,Christiane,Isabelle,\
                Jeanne,Josée,Josy,Martine,Michèle,Monique,Nathalie,Nicole,Sandra,Sylvie,Alice,Carole,Cécile,Chantal,\
                Claudine,Danielle,Denise,Elisabeth,Françoise,Hélène,Henriette,Irène,Jacqueline,Joëlle,Josette,Liliane,\
                Louise,Margot,Marguerite,Marianne,Mariette,Nadine,Patricia,Renée,Thérèse,Véronique,Viviane,Yvonne,\
                Andrée,Annette,Annick,Antoinette,Astrid,Brigitte,Carine,Caroline,Céline,Christine,Claire,Colette,\
                Danièle,Diane,Elise,Fabienne,Fernande,France,Francine,Georgette,Germaine,Ginette,Isabel,Jeanny,\
                Jessica,Joséphine,Josiane,Karin,Laurence,Léonie,Linda,Lucie,Madeleine,Maggy,Maisy,Marcelle,Marthe,\
                Mireille,Myriam,Nelly,Paule,Rita,Rose,Simone
                """,
            surnames: """
                Schmit,Muller,Weber,Hoffmann,Wagner,Thill,Schroeder,Becker,Klein,Reuter,Kieffer,Faber,Schmitz,\
                Da Silva,Schiltz,Dos Santos,Welter,Simon,Schneider,Hansen,Meyer,Kremer,Pereira,Weis,Braun,Fernandes,\
                Kayser,Kirsch,Steffen,Krier,Theisen,Majerus,Ries,Ferreira,Gonçalves,Meyers,Engel,Schumacher,\
                Diederich,Rodrigues,Martin,Marx,Gomes,Molitor,Theis,Wolff,Martins,Heinen,Weydert,Zimmer,Goergen,\
                Fischer,Wagener,Reding,Lentz,Flammang,Bernard,Scholtes,Adrovic,Koch,Goedert,Arend,Winandy,Jacoby,\
                Nilles,Gengler,Peters,Berg,Lanners,Pinto,Sabotic,Back,Lopes,Marques,Lux,Bertemes,Putz,Jung,Haas,\
                Erpelding,Schmitt,Weiler,Mangen,Pauly,Weyland,Dostert,Biver,Alves,Huberty,Schreiner,Decker,Backes,\
                Schaus,Olinger,Rastoder,Schaack,Grethen,Steichen,Mendes,Monteiro,Oliveira,Lucas,Poos,Ney,Teixeira,\
                Michels,Wirtz,Mathieu,Schintgen,Scheer,Peiffer,Hilbert,Thein,Steinmetz,Stoffel,Da Costa,Arendt,\
                Clement,Hermes,Dumont,Kohn,Wies,Feller,Soares,Kneip,Kohl,De Sousa,Thinnes,Almeida,Elsen,Glod,Mergen,\
                Trausch,Mertens,Schaeffer,Mousel,Heck,Thiel,Duarte,Lang,Mersch,Linden,Thiry,Muhovic,Bausch,Georges,\
                Lambert,Hengen,Konsbruck,Trierweiler,Ewen,Kohnen,Berchem,Schmidt,Thoma,Heiderscheid,May,Wantz,\
                Clemens,Conter
                """),
        Row(
            "LVA", "Latvia",
            male: """
                Roberts,Artūrs,Kristaps,Mārtiņš,Jānis,Edgars,Andris,Toms,Ādams,Ādolfs,Agris,Aigars,Ainārs,Aivars,\
                Alberts,Aldis,Aleksandrs,Alfrēds,Andrejs,Ansis,Antons,Armands,Arnis,Arnolds,Artis,Arvīds,Augusts,\
                Bērtulis,Brencis,Dainis,Daniels,Dāvis,Dzintars,Edmunds,Eduards,Edvīns,Egils,Elmārs,Elvis,Emīls,Ēriks,\
                Ermanis,Ernests,Ēvalds,Fricis,Gatis,Gunārs,Guntars,Guntis,Ģederts,Ģirts,Hanss,Harijs,Henriks,Hermanis,\
                Igors,Ilmārs,Imants,Indriķis,Ivars,Ivo,Jakobs,Jāzeps,Jēkabs,Jezups,Johans,Jūlijs,Juris,Kārlis,Kaspars,\
                Kristers,Krists,Krišjānis,Krišs,Laimonis,Lauris,Leons,Mareks,Māris,Matīss,Mihels,Mikels,Miķelis,\
                Modris,Nikolajs,Niks,Oļģerts,Oskars,Osvalds,Oto,Pauls,Pēteris
                """,
            female: """
                Anna,Elza,Marta,Līga,Kristīne,Inese,Laura,Ieva,Agnese,Aiga,Aija,Aina,Alīda,Alma,Alvīne,Amālija,Anete,\
                Annija,Antoņina,Antra,Ārija,Austra,Baiba,Berta,Biruta,Dace,Daiga,Daina,Dārta,Diāna,Dzidra,Dzintra,Eda,\
                Edīte,Elita,Elizabete,Elvīra,Emīlija,Ērika,Erna,Eva,Evija,Gaida,Genovefa,Grēta,Grieta,Gunta,Helēna,\
                Ilga,Ilona,Ina,Ināra,Indra,Inga,Ingrīda,Inguna,Inta,Irēna,Iveta,Jana,Janina,Jūle,Jūlija,Karina,\
                Karlīna,Katarīna,Katrīna,Kristiāna,Laila,Lavīze,Lība,Lidija,Liene,Ligita,Lilita,Līna,Linda,Līza,\
                Lūcija,Madara,Maija,Mare,Margareta,Margrieta,Marija,Mārīte,Milda,Minna,Mirdza,Natālija,Olga,Otīlija,\
                Paula,Paulīna,Regīna,Rita,Rudīte,Ruta
                """,
            surnames: """
                Bērziņš/Bērziņa,Kalniņš/Kalniņa,Ozoliņš/Ozoliņa,Jansons/Jansone,Ozols/Ozola,Liepiņš/Liepiņa,\
                Krūmiņš/Krūmiņa,Balodis/Balode,Eglītis/Eglīte,Petersons/Petersone,Zariņš/Zariņa,Vītols/Vītola,\
                Āboliņš/Āboliņa,Ābols/Ābola,Alksnis/Alksne,Apinis/Apine,Apsītis/Apsīte,Auniņš/Auniņa,Auziņš/Auziņa,\
                Avotiņš/Avotiņa,Briedis/Briede,Celmiņš/Celmiņa,Celms/Celma,Cīrulis/Cīrule,Dzenis/Dzene,\
                Dūmiņš/Dūmiņa,Jaunzems/Jaunzema,Kalējs/Kalēja,Kaņeps/Kaņepa,Kārkliņš/Kārkliņa,Kauliņš/Kauliņa,\
                Kļaviņš/Kļaviņa,Krastiņš/Krastiņa,Krēsliņš/Krēsliņa,Krieviņš/Krieviņa,Krievs/Krieva,\
                Kundziņš/Kundziņa,Lācis/Lāce,Lagzdiņš/Lagzdiņa,Līcis/Līce,Lukstiņš/Lukstiņa,Lūsis/Lūse,\
                Pērkons/Pērkona,Polis/Pole,Priedītis/Priedīte,Puriņš/Puriņa,Purmals/Purmale,Riekstiņš/Riekstiņa,\
                Rozītis/Rozīte,Rubenis/Rubene,Rudzītis/Rudzīte,Saulītis/Saulīte,Siliņš/Siliņa,Skujiņš/Skujiņa,\
                Sproģis/Sproģe,Strazdiņš/Strazdiņa,Turiņš/Turiņa,Vanags/Vanaga,Vilciņš/Vilciņa,Vītoliņš/Vītoliņa,\
                Zaķis/Zaķe,Zālītis/Zālīte,Zeltiņš/Zeltiņa,Ziemelis/Ziemele,Zirnis/Zirne,Zvirbulis/Zvirbule
                """),
    ]
}
